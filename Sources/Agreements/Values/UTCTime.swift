/// A second in UTC, `2025-11-15T09:30:00Z`, of the years 0001 to 9999. Leap seconds have no spelling.
package struct UTCTime: TextValue, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z, each day having 86,400.
    package let posixSeconds: Int64

    private static let secondsPerDay: Int64 = 86_400
    private static let firstSecond: Int64 = -62_135_596_800
    /// The end of the year 9999, after which there are four digits no longer.
    package static let lastSecond: Int64 = 253_402_300_799

    /// Nil outside the years 0001 to 9999.
    package init?(posixSeconds: Int64) {
        guard (Self.firstSecond...Self.lastSecond).contains(posixSeconds) else { return nil }
        self.posixSeconds = posixSeconds
    }

    package init?(text: String) {
        var text = text
        guard let value = text.withUTF8({ UTCTime(ascii: $0) }) else { return nil }
        self = value
    }

    package init?(ascii digits: UnsafeBufferPointer<UInt8>) {
        guard
            digits.count == 20,
            digits[10] == UInt8(ascii: "T"), digits[19] == UInt8(ascii: "Z"),
            digits[13] == UInt8(ascii: ":"), digits[16] == UInt8(ascii: ":"),
            let date = CalendarDate(ascii: UnsafeBufferPointer(rebasing: digits[..<10])),
            let hour = DecimalDigits.value(of: digits[11..<13]), hour < 24,
            let minute = DecimalDigits.value(of: digits[14..<16]), minute < 60,
            let second = DecimalDigits.value(of: digits[17..<19]), second < 60
        else { return nil }
        posixSeconds = date.daysSinceEpoch * Self.secondsPerDay + Int64(hour * 3600 + minute * 60 + second)
    }

    package var text: String {
        let second = secondOfDay
        let time = [second / 3600, second / 60 % 60, second % 60].map { DecimalDigits.text(of: $0) }
        return "\(date?.text ?? "")T\(time.joined(separator: ":"))Z"
    }

    package static var expectation: String { "a time in UTC as in 2025-11-15T09:30:00Z" }

    package static func < (left: Self, right: Self) -> Bool { left.posixSeconds < right.posixSeconds }

    private var secondOfDay: Int {
        let remainder = posixSeconds % Self.secondsPerDay
        return Int(remainder < 0 ? remainder + Self.secondsPerDay : remainder)
    }

    /// The day in UTC. Never nil: the range of `posixSeconds` is that of the dates.
    package var date: CalendarDate? {
        CalendarDate(daysSinceEpoch: (posixSeconds - Int64(secondOfDay)) / Self.secondsPerDay)
    }
}
