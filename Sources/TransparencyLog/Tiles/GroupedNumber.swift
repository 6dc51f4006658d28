/// A number as a path of groups of three digits, all but the last prefixed by `x` (tlog-tiles, Merkle Tree).
///
///     5        005
///     1234067  x001/x234/067
///
/// So no file is ever a folder's name: folders start with an `x`.
package enum GroupedNumber {
    /// The number must not be negative.
    package static func path(_ number: Int64) -> String {
        precondition(number >= 0, "a negative number has no path")
        var groups = [padded(number % 1000)]
        var rest = number / 1000
        while rest > 0 {
            groups.append("x" + padded(rest % 1000))
            rest /= 1000
        }
        return groups.reversed().joined(separator: "/")
    }

    /// Nil for every spelling but the one that `path` makes, and for numbers beyond 2^63 - 1.
    package static func number(_ path: some Collection<UInt8>) -> Int64? {
        // 2^63 - 1 has 19 digits: seven groups.
        guard path.count <= 7 * 5 else { return nil }
        var value: Int64 = 0
        let groups = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (position, group) in groups.enumerated() {
            var digits = group
            if position < groups.count - 1 {
                guard digits.popFirst() == UInt8(ascii: "x") else { return nil }
            }
            guard digits.count == 3 else { return nil }
            for digit in digits {
                guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
                let (tenfold, overflowed) = value.multipliedReportingOverflow(by: 10)
                let (sum, exceeded) = tenfold.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
                guard !overflowed, !exceeded else { return nil }
                value = sum
            }
        }
        // Refuses leading groups of zeros.
        guard Self.path(value).utf8.elementsEqual(path) else { return nil }
        return value
    }

    private static func padded(_ group: Int64) -> String {
        let digits = String(group)
        return String(repeating: "0", count: 3 - digits.utf8.count) + digits
    }
}
