/// One party consents to be bound: it has ratified, approved or accepted, or has notified so.
package struct AgreementConsented: EventBody {
    package static let eventName = "agreement.consented"

    package enum Means: String, Vocabulary {
        case ratification, approval, acceptance, notification, exchange
    }

    /// Of legal effect.
    package let date: CalendarDate?
    package let documents: [Document]
    /// The title of the instrument, such as a law.
    package let instrument: String?
    package let means: Means
    package let notes: String?
    package let party: PartyID
    package let sources: [String]

    package init(
        party: PartyID,
        means: Means,
        date: CalendarDate? = nil,
        instrument: String? = nil,
        documents: [Document] = [],
        sources: [String] = [],
        notes: String? = nil
    ) {
        self.party = party
        self.means = means
        self.date = date
        self.instrument = instrument
        self.documents = documents
        self.sources = sources
        self.notes = notes
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        date = try reader.optionalText("date", as: CalendarDate.self)
        documents = try reader.documents()
        instrument = try reader.optionalString("instrument")
        means = try reader.text("means", as: Means.self)
        notes = try reader.optionalString("notes")
        party = try reader.text("party", as: PartyID.self)
        sources = try reader.strings("sources")
    }

    func print(to printer: inout ObjectPrinter) {
        printer.text("date", date)
        printer.objects("documents", documents)
        printer.string("instrument", instrument)
        printer.text("means", means)
        printer.string("notes", notes)
        printer.text("party", party)
        printer.strings("sources", sources)
    }
}
