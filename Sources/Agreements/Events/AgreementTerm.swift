/// For how long an agreement is made.
package struct AgreementTerm: StatementObject {
    package let duration: String?
    package let renewal: String?
    package let until: CalendarDate?

    package init(duration: String? = nil, renewal: String? = nil, until: CalendarDate? = nil) {
        self.duration = duration
        self.renewal = renewal
        self.until = until
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        duration = try reader.optionalString("duration")
        renewal = try reader.optionalString("renewal")
        until = try reader.optionalText("until", as: CalendarDate.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.string("duration", duration)
        printer.string("renewal", renewal)
        printer.text("until", until)
    }
}
