/// One party puts something on record beside an agreement. It does not stand in the way of the next step.
package struct AgreementNoted: EventBody {
    package static let eventName = "agreement.noted"

    package enum Kind: String, Vocabulary {
        case declaration, reservation, objection
        /// With the United Nations or elsewhere.
        case registration
        /// Of somebody else, such as the verification of a signature by a national tool.
        case report
    }

    /// Of legal effect.
    package let date: CalendarDate?
    package let documents: [Document]
    package let kind: Kind
    package let notes: String?
    package let party: PartyID
    package let sources: [String]

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
        self.date = date
        self.documents = documents
        self.sources = sources
        self.notes = notes
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        date = try reader.optionalText("date", as: CalendarDate.self)
        documents = try reader.documents()
        kind = try reader.text("kind", as: Kind.self)
        notes = try reader.optionalString("notes")
        party = try reader.text("party", as: PartyID.self)
        sources = try reader.strings("sources")
    }

    func print(to printer: inout ObjectPrinter) {
        printer.text("date", date)
        printer.objects("documents", documents)
        printer.text("kind", kind)
        printer.string("notes", notes)
        printer.text("party", party)
        printer.strings("sources", sources)
    }
}
