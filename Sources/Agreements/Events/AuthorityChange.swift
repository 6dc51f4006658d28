/// A CA certificate that comes onto a party's list of authorities or goes off it.
package struct AuthorityChange: StatementObject {
    package let action: ListChange
    /// The SHA-256 of its DER.
    package let certificate: ContentDigest
    package let party: PartyID

    package init(_ action: ListChange, _ certificate: ContentDigest, of party: PartyID) {
        self.action = action
        self.certificate = certificate
        self.party = party
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        action = try reader.text("action", as: ListChange.self)
        certificate = try reader.text("certificate", as: ContentDigest.self)
        party = try reader.text("party", as: PartyID.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.text("action", action)
        printer.text("certificate", certificate)
        printer.text("party", party)
    }
}
