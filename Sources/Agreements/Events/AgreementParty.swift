/// A party of one agreement: a public office and its holder, never a private person.
package struct AgreementParty: StatementObject {
    /// The body that concluded it, such as a ministry.
    package let concludedBy: String?
    package let party: PartyID
    package let signatory: String?

    package init(party: PartyID, concludedBy: String? = nil, signatory: String? = nil) {
        self.party = party
        self.concludedBy = concludedBy
        self.signatory = signatory
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        concludedBy = try reader.optionalString("concludedBy")
        party = try reader.text("party", as: PartyID.self)
        signatory = try reader.optionalString("signatory")
    }

    func print(to printer: inout ObjectPrinter) {
        printer.string("concludedBy", concludedBy)
        printer.text("party", party)
        printer.string("signatory", signatory)
    }
}
