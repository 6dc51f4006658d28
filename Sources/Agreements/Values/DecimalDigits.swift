/// Decimal numbers of a fixed width, as dates and times have them.
enum DecimalDigits {
    /// Nil unless every byte is an ASCII digit. For a few digits only: nothing guards against overflow.
    static func value(of digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        var value = 0
        for digit in digits {
            guard Identifier.isDigit(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    static func text(of value: Int, width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
