/// Some of whose members must cosign: `group both 2 KZ-witness UZ-witness` in a C2SP tlog-policy.
package struct WitnessGroup: StatementObject {
    /// Names of witnesses and of groups that stand before this one.
    package let members: [String]
    package let name: String
    /// How many members it takes, from 1 to all of them.
    package let threshold: Int64

    package init(name: String, threshold: Int64, members: [String]) {
        self.name = name
        self.threshold = threshold
        self.members = members
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        members = try reader.strings("members", atLeast: 1)
        name = try reader.string("name")
        threshold = try reader.integer("threshold", atLeast: 1)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.strings("members", members)
        printer.string("name", name)
        printer.integer("threshold", threshold)
    }
}
