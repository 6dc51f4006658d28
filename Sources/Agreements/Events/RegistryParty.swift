/// A party of the registry, and what its signatures are checked against.
package struct RegistryParty: StatementObject {
    /// The SHA-256 of each of its CA certificates (DER), ascending.
    package let authorities: [ContentDigest]
    package let name: LocalizedText
    package let party: PartyID
    /// Who may sign for it, in ascending order of their certificates' digests. Being issued by an authority is not
    /// enough.
    package let signers: [RegistrySigner]

    package init(party: PartyID, name: LocalizedText, authorities: [ContentDigest], signers: [RegistrySigner]) {
        self.party = party
        self.name = name
        self.authorities = authorities
        self.signers = signers
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        authorities = try reader.texts("authorities", of: ContentDigest.self, atLeast: 1)
        name = try reader.object("name", as: LocalizedText.self)
        party = try reader.text("party", as: PartyID.self)
        signers = try reader.objects("signers", of: RegistrySigner.self, atLeast: 1)
        try ListRules.requireAscending(authorities, in: "authorities") { $0 }
        try ListRules.requireAscending(signers, in: "signers", by: \.certificate)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.texts("authorities", authorities)
        printer.object("name", name)
        printer.text("party", party)
        printer.objects("signers", signers)
    }
}
