import Agreements
import Testing

@Suite("Dates and times")
struct TimeTests {
    @Test(
        "a real date is taken", arguments: ["0001-01-01", "2024-02-29", "2000-02-29", "2025-11-15", "9999-12-31"])
    func takesDate(_ text: String) { #expect(CalendarDate(text: text)?.text == text) }

    @Test(
        "what is no date, or none in this spelling, is refused",
        arguments: [
            "", "0000-01-01", "2025-02-29", "1900-02-29", "2025-13-01", "2025-00-10", "2025-04-31", "2025-01-00",
            "2025-1-1", "2025/01/01", "20250101", "02025-01-01", "-001-01-01", "+025-01-01", "2025-01-01Z",
            "2025-01-0１", " 2025-01-01", "2025-01-3a",
        ])
    func refusesDate(_ text: String) { #expect(CalendarDate(text: text) == nil) }

    @Test("every day of ten thousand years follows the day before it")
    func walksTheCalendar() throws {
        var expected = (year: 1, month: 1, day: 1)
        var count = 0
        for number in Int64(-719_162)...2_932_896 {
            let date = try #require(CalendarDate(daysSinceEpoch: number))
            guard (date.year, date.month, date.day) == expected, date.daysSinceEpoch == number else {
                Issue.record("\(date) stands for day \(number)")
                return
            }
            count += 1
            expected.day += 1
            if CalendarDate(year: expected.year, month: expected.month, day: expected.day) == nil {
                expected = expected.month == 12 ? (expected.year + 1, 1, 1) : (expected.year, expected.month + 1, 1)
            }
        }
        #expect(count == 3_652_059)
        #expect(expected == (10_000, 1, 1))
        #expect(CalendarDate(daysSinceEpoch: -719_163) == nil)
        #expect(CalendarDate(daysSinceEpoch: 2_932_897) == nil)
        #expect(CalendarDate(daysSinceEpoch: .min) == nil)
    }

    @Test(
        "a time is its POSIX seconds",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1), ("2001-09-09T01:46:40Z", 1_000_000_000),
            ("2025-11-15T09:30:00Z", 1_763_199_000), ("2038-01-19T03:14:08Z", 2_147_483_648),
            ("0001-01-01T00:00:00Z", -62_135_596_800), ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("1968-02-29T12:34:56Z", -58_015_504),
        ] as [(String, Int64)])
    func timeIsSeconds(_ text: String, _ seconds: Int64) throws {
        #expect(UTCTime(text: text)?.posixSeconds == seconds)
        #expect(UTCTime(posixSeconds: seconds)?.text == text)
    }

    @Test(
        "what is no time, or none in this spelling, is refused",
        arguments: [
            "", "2025-11-15", "2025-11-15T09:30:00", "2025-11-15T09:30:00+00:00", "2025-11-15 09:30:00Z",
            "2025-11-15t09:30:00z", "2025-11-15T24:00:00Z", "2025-11-15T09:60:00Z", "2025-06-30T23:59:60Z",
            "2025-11-15T09:30:00.0Z", "2025-02-29T00:00:00Z", "2025-11-15T9:30:00Z", "2025-11-15T09-30-00Z",
        ])
    func refusesTime(_ text: String) { #expect(UTCTime(text: text) == nil) }

    @Test("seconds outside of the years 0001 to 9999 are no time")
    func refusesFarSeconds() {
        for seconds in [Int64.min, -62_135_596_801, 253_402_300_800, .max] {
            #expect(UTCTime(posixSeconds: seconds) == nil)
        }
    }
}
