/// A number that an agreement has in another register.
package struct ExternalReference: StatementObject {
    package let number: String
    package let register: String

    package init(number: String, register: String) {
        self.number = number
        self.register = register
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        number = try reader.string("number")
        register = try reader.string("register")
    }

    func print(to printer: inout ObjectPrinter) {
        printer.string("number", number)
        printer.string("register", register)
    }
}
