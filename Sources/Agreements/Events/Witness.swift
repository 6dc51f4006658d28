/// A cosigner of checkpoints that acts for one party.
package struct Witness: StatementObject {
    /// The cosigner's verifier key (C2SP signed-note, vkey), opaque here.
    package let key: String
    package let name: String
    package let party: PartyID

    package init(name: String, party: PartyID, key: String) {
        self.name = name
        self.party = party
        self.key = key
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        key = try reader.string("key")
        name = try reader.string("name")
        party = try reader.text("party", as: PartyID.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.string("key", key)
        printer.string("name", name)
        printer.text("party", party)
    }

    /// Whether `name` can be a witness's or a group's: a token of a C2SP tlog-policy, narrower than there.
    static func isName(_ name: String) -> Bool {
        // `none` means "no quorum" in a policy.
        (1...64).contains(name.utf8.count) && name != "none"
            && name.utf8.allSatisfy { Identifier.isAlphanumeric($0) || "._-".utf8.contains($0) }
    }
}
