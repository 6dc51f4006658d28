/// When and where an agreement was concluded, and how that is known.
package struct Conclusion: StatementObject {
    package let basis: String?
    package let date: CalendarDate?
    package let place: String?

    package init(date: CalendarDate? = nil, place: String? = nil, basis: String? = nil) {
        self.date = date
        self.place = place
        self.basis = basis
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        basis = try reader.optionalString("basis")
        date = try reader.optionalText("date", as: CalendarDate.self)
        place = try reader.optionalString("place")
    }

    func print(to printer: inout ObjectPrinter) {
        printer.string("basis", basis)
        printer.text("date", date)
        printer.string("place", place)
    }
}
