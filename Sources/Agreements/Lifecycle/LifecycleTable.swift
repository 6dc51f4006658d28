/// What each event of an agreement does to it in each status: the whole law of its life. See `docs/lifecycle.md`.
package enum LifecycleTable {
    /// What an event does.
    package enum Transition: Hashable, Sendable {
        /// The event is not allowed; one that is there all the same does nothing.
        case refused
        /// The status stays as it is.
        case stays
        case becomes(AgreementStatus)
        /// The status stays, and what it stands on, to which it may return, becomes this.
        case beneath(AgreementStatus)
        /// Back to what the status stands on.
        case returns
    }

    /// The columns of the table.
    package static let statuses: [AgreementStatus] = [
        .signed, .provisionallyApplied, .inForce, .suspended, .denounced, .ended,
    ]

    // The columns are what makes it readable.
    // swift-format-ignore
    private static let rows: [(event: String, transitions: [Transition])] = [
        //                                          signed        provisional   in force   suspended     denounced     ended
        (AgreementConsented.eventName,             [.stays,       .stays,       .stays,    .stays,       .stays,       .refused]),
        (AgreementAppliedProvisionally.eventName,  [provisional,  .stays,       .stays,    .stays,       .stays,       .refused]),
        (AgreementEnteredIntoForce.eventName,      [inForce,      inForce,      .stays,    inForceUnder, inForceUnder, .refused]),
        (AgreementAmended.eventName,               [.stays,       .stays,       .stays,    .stays,       .stays,       .refused]),
        (AgreementExtended.eventName,              [.refused,     .stays,       .stays,    .stays,       .refused,     .refused]),
        (AgreementSuspended.eventName,             [.refused,     suspended,    suspended, .refused,     .refused,     .refused]),
        (AgreementResumed.eventName,               [.refused,     .refused,     .refused,  .returns,     .refused,     .refused]),
        (AgreementDenounced.eventName,             [.refused,     .refused,     denounced, denounced,    denounced,    .refused]),
        (AgreementDenunciationWithdrawn.eventName, [.refused,     .refused,     .refused,  .refused,     .returns,     .refused]),
        (AgreementTerminated.eventName,            [ended,        ended,        ended,     ended,        ended,        .refused]),
        (AgreementExpired.eventName,               [ended,        ended,        ended,     ended,        ended,        .refused]),
        (AgreementCorrected.eventName,             [.stays,       .stays,       .stays,    .stays,       .stays,       .stays]),
        (AgreementNoted.eventName,                 [.stays,       .stays,       .stays,    .stays,       .stays,       .stays]),
    ]

    private static let provisional = Transition.becomes(.provisionallyApplied)
    private static let inForce = Transition.becomes(.inForce)
    private static let inForceUnder = Transition.beneath(.inForce)
    private static let suspended = Transition.becomes(.suspended)
    private static let denounced = Transition.becomes(.denounced)
    private static let ended = Transition.becomes(.ended)

    private static let rowByEvent = Dictionary(rows.map { ($0.event, $0.transitions) }) { first, _ in first }

    /// The names of the events that the table rules, in its order.
    package static var events: [String] { rows.map(\.event) }

    /// Nil for an event that the table does not rule.
    package static func transition(_ event: String, from status: AgreementStatus) -> Transition? {
        guard let column = statuses.firstIndex(of: status) else { return nil }
        return rowByEvent[event]?[column]
    }

    /// Where the event is allowed, in the order of the columns.
    package static func allowed(_ event: String) -> [AgreementStatus] {
        statuses.filter { transition(event, from: $0) != .refused }
    }

    /// Whether its day may lie before that of the conclusion: an opinion, a correction, a consent given beforehand, and
    /// the application, on which parties may agree from an earlier day on (article 28 of the Vienna Convention on the Law
    /// of Treaties). There is nothing yet that the others could change or end.
    static func canPrecedeConclusion(_ event: String) -> Bool {
        preceding.contains(event)
    }

    private static let preceding: Set = [
        AgreementConsented.eventName, AgreementAppliedProvisionally.eventName, AgreementEnteredIntoForce.eventName,
        AgreementCorrected.eventName, AgreementNoted.eventName,
    ]

    /// Whether the event can change what an agreement is.
    static func canChangeStatus(_ event: String) -> Bool {
        rowByEvent[event]?.contains { $0 != .refused && $0 != .stays } ?? false
    }
}
