/// A day of the proleptic Gregorian calendar, `2025-11-15`, of the years 0001 to 9999. It has no time zone.
package struct CalendarDate: TextValue, Comparable {
    package let year: Int
    package let month: Int
    package let day: Int

    package init?(year: Int, month: Int, day: Int) {
        guard
            (1...9999).contains(year), (1...12).contains(month),
            (1...Self.dayCount(year: year, month: month)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    package init?(text: String) {
        var text = text
        guard let value = text.withUTF8({ CalendarDate(ascii: $0) }) else { return nil }
        self = value
    }

    package init?(ascii digits: UnsafeBufferPointer<UInt8>) {
        guard
            digits.count == 10, digits[4] == UInt8(ascii: "-"), digits[7] == UInt8(ascii: "-"),
            let year = DecimalDigits.value(of: digits[0..<4]),
            let month = DecimalDigits.value(of: digits[5..<7]),
            let day = DecimalDigits.value(of: digits[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    package var text: String {
        let parts = [
            DecimalDigits.text(of: year, width: 4), DecimalDigits.text(of: month), DecimalDigits.text(of: day),
        ]
        return parts.joined(separator: "-")
    }

    package static var expectation: String { "a real date as in 2025-11-15" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    // MARK: - Days since 1970-01-01

    private static let daysPerEra = 146_097  // 400 years
    private static let daysFromEraToEpoch = 719_468  // from 0000-03-01 to 1970-01-01

    // A year that begins in March has its leap day at the end, so that all months but the last have fixed offsets.
    package var daysSinceEpoch: Int64 {
        let shiftedYear = month > 2 ? year : year - 1
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * Self.daysPerEra + dayOfEra - Self.daysFromEraToEpoch)
    }

    package init?(daysSinceEpoch: Int64) {
        // Years 0001 to 9999: what lies outside is refused before any arithmetic could overflow.
        guard (-719_162...2_932_896).contains(daysSinceEpoch) else { return nil }
        let days = Int(daysSinceEpoch) + Self.daysFromEraToEpoch
        let era = days / Self.daysPerEra
        let dayOfEra = days % Self.daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        self.init(year: year, month: month, day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}
