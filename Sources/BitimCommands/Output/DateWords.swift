internal import Agreements

/// What a signer is told of an event's days, besides those that it names: docs/lifecycle.md, Legal dates.
enum DateWords {
    /// So many years after the conclusion, a day is more likely a slip than meant.
    private static let likelyYears = 500

    /// - Parameter agreement: as it is before the event.
    static func notes(of event: Event, in agreement: AgreementState) -> [String] {
        let concluded = agreement.registration.concluded.date
        var notes: [String] = []
        if let implied = agreement.impliedDay(of: event) {
            notes.append("without a day of its own, \(event.name) counts from \(implied)")
        }
        if let date = event.legalDate, let concluded, date < concluded {
            notes.append("\(date) lies before \(concluded), when \(agreement.id) was concluded")
        }
        return notes + days(of: event).compactMap { far($0, from: concluded, agreement.id) }
    }

    /// Every day that the event names.
    private static func days(of event: Event) -> [CalendarDate] {
        var days = [event.legalDate, event.details?.date]
        if case .agreementExtended(let body) = event { days.append(body.until) }
        return Set(days.compactMap { $0 }).sorted()
    }

    private static func far(_ day: CalendarDate, from concluded: CalendarDate?, _ id: AgreementID) -> String? {
        guard let concluded, day.year - concluded.year > likelyYears else { return nil }
        return "\(day) lies \(day.year - concluded.year) years after \(concluded), when \(id) was concluded"
    }
}
