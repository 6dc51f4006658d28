/// One party puts something on record beside an agreement. It does not stand in the way of the next step.
package struct AgreementNoted: AgreementEventBody {
    package static let eventName = "agreement.noted"

    package enum Kind: String, Vocabulary {
        case declaration, reservation, objection
        /// With the United Nations or elsewhere.
        case registration
        /// Of somebody else, such as the verification of a signature by a national tool.
        case report
    }

    package let details: EventDetails
    package let kind: Kind
    package let party: PartyID

    package init(
        party: PartyID,
        kind: Kind,
        date: CalendarDate? = nil,
        documents: [Document] = [],
        sources: [String] = [],
        notes: String? = nil
    ) {
        self.party = party
        self.kind = kind
        details = EventDetails(date: date, documents: documents, sources: sources, notes: notes)
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        details = try reader.details()
        kind = try reader.text("kind", as: Kind.self)
        party = try reader.text("party", as: PartyID.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.details(details)
        printer.text("kind", kind)
        printer.text("party", party)
    }

    var event: Event { .agreementNoted(self) }
    var actingParty: PartyID? { party }
}
