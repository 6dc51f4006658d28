/// A day in the order of legal dates: what has no known date stands before every day.
struct LegalDay: Hashable, Comparable, Sendable {
    private let number: Int64

    init(_ date: CalendarDate?) { number = date?.daysSinceEpoch ?? .min }

    private init(number: Int64) { self.number = number }

    /// After every day.
    static let never = LegalDay(number: .max)

    static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// Nil when unknown.
    var date: CalendarDate? { CalendarDate(daysSinceEpoch: number) }
}
