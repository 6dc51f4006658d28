/// The log that the registry's checkpoints are signed by.
package struct RegistryLog: StatementObject {
    /// The log's verifier key (C2SP signed-note, vkey), opaque here.
    package let key: String
    package let origin: String

    package init(origin: String, key: String) {
        self.origin = origin
        self.key = key
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        key = try reader.string("key")
        origin = try reader.string("origin")
        guard LedgerReference.isOrigin(origin) else {
            throw StatementError("not an origin: no spaces, no +, no digest", at: "origin")
        }
    }

    func print(to printer: inout ObjectPrinter) {
        printer.string("key", key)
        printer.string("origin", origin)
    }
}
