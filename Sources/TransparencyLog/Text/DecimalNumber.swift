/// Decimal numbers in ASCII as the C2SP formats write them: no sign, no leading zero, at most 2^63 - 1.
///
/// Sizes, indices and times are `Int64` throughout: the largest that tlog-cosignature allows for a time, and more
/// leaves than any log will have.
package enum DecimalNumber {
    /// Nil for every spelling but the one that `print` makes.
    package static func parse(_ digits: some Collection<UInt8>) -> Int64? {
        guard let first = digits.first, digits.count <= 19 else { return nil }
        guard first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            let (tenfold, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, exceeded) = tenfold.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            guard !overflowed, !exceeded else { return nil }
            value = sum
        }
        return value
    }

    package static func print(_ value: Int64) -> [UInt8] {
        Array(String(value).utf8)
    }
}
