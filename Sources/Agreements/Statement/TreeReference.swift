/// A published checkpoint that the signers saw: it commits them to all that was in the ledger by then.
package struct TreeReference: StatementObject {
    package let root: ContentDigest
    /// How many entries the tree has, at least 1.
    package let size: Int64

    package init(root: ContentDigest, size: Int64) {
        self.root = root
        self.size = size
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        root = try reader.text("root", as: ContentDigest.self)
        size = try reader.integer("size", atLeast: 1)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.text("root", root)
        printer.integer("size", size)
    }
}
