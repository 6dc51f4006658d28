/// One party gives notice that the agreement is to end.
package struct AgreementDenounced: AgreementEventBody {
    package static let eventName = "agreement.denounced"

    /// `date` is the day from which the agreement is ended; nil when that is not known.
    package let details: EventDetails
    /// The day of the notice.
    package let notified: CalendarDate?
    package let party: PartyID

    package init(party: PartyID, notified: CalendarDate? = nil, details: EventDetails = EventDetails()) {
        self.party = party
        self.notified = notified
        self.details = details
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        details = try reader.details()
        notified = try reader.optionalText("notified", as: CalendarDate.self)
        party = try reader.text("party", as: PartyID.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.details(details)
        printer.text("notified", notified)
        printer.text("party", party)
    }

    var event: Event { .agreementDenounced(self) }
    var legalDate: CalendarDate? { notified }
    var actingParty: PartyID? { party }
}
