/// One party consents to be bound: it has ratified, approved or accepted, or has notified so.
package struct AgreementConsented: AgreementEventBody {
    package static let eventName = "agreement.consented"

    package enum Means: String, Vocabulary {
        case ratification, approval, acceptance, notification, exchange
    }

    package let details: EventDetails
    /// The title of the instrument, such as a law.
    package let instrument: String?
    package let means: Means
    package let party: PartyID

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
        self.instrument = instrument
        details = EventDetails(date: date, documents: documents, sources: sources, notes: notes)
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        details = try reader.details()
        instrument = try reader.optionalString("instrument")
        means = try reader.text("means", as: Means.self)
        party = try reader.text("party", as: PartyID.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.details(details)
        printer.string("instrument", instrument)
        printer.text("means", means)
        printer.text("party", party)
    }

    var event: Event { .agreementConsented(self) }
    var actingParty: PartyID? { party }
}
