/// How an agreement has ended.
package struct AgreementEnding: Hashable, Sendable {
    package enum Cause: String, Vocabulary {
        case denunciation, termination, expiry
    }

    package let cause: Cause
    /// The entry that ended it.
    package let entry: Int64
    /// The day from which it is ended; nil when unknown.
    package let date: CalendarDate?
    /// Who denounced it; nil when it ended otherwise.
    package let party: PartyID?
}
