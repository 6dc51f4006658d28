/// The parties prolong the agreement.
package struct AgreementExtended: AgreementEventBody {
    package static let eventName = "agreement.extended"

    package let details: EventDetails
    /// In words. This or `until` is there.
    package let duration: String?
    package let until: CalendarDate?

    package init(until: CalendarDate?, duration: String? = nil, details: EventDetails = EventDetails()) {
        self.until = until
        self.duration = duration
        self.details = details
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        details = try reader.details()
        duration = try reader.optionalString("duration")
        until = try reader.optionalText("until", as: CalendarDate.self)
        guard duration != nil || until != nil else {
            throw StatementError("must not be null when duration is", at: "until")
        }
    }

    func print(to printer: inout ObjectPrinter) {
        printer.details(details)
        printer.string("duration", duration)
        printer.text("until", until)
    }

    var event: Event { .agreementExtended(self) }
}
