/// A part of a statement that is one JSON object with fixed keys.
protocol StatementObject: Hashable, Sendable {
    /// Asks `reader` for every key of the object, in ascending order of the keys.
    init(from reader: inout ObjectReader) throws(StatementError)

    /// Prints every key of the object, those with `null` too.
    func print(to printer: inout ObjectPrinter)
}

extension StatementObject {
    init(_ value: CanonicalJSON) throws(StatementError) {
        var reader = try ObjectReader(value)
        self = try Self(from: &reader)
        try reader.finish()
    }

    var json: CanonicalJSON {
        var printer = ObjectPrinter()
        print(to: &printer)
        return printer.json
    }
}
