/// What one entry did to an agreement.
package struct LifeStep: Hashable, Sendable {
    /// The index of the entry.
    package let entry: Int64
    /// The day from which it counts; nil when unknown.
    package let day: CalendarDate?
    /// On that day, by what was recorded before the entry; nil for its registration.
    package let statusBefore: AgreementStatus?
    package let statusAfter: AgreementStatus
    package let registrationBefore: AgreementRegistered?
    package let registrationAfter: AgreementRegistered
    package let termBefore: AgreementTerm?
    package let termAfter: AgreementTerm?
}

extension AgreementState {
    /// Its whole life, in the order of the ledger. Entries that are voided are not in it.
    package var life: [LifeStep] {
        var state = AgreementState(
            id: id, registration: registrationAsSigned, entry: registrationEntry, leafHash: registrationLeafHash)
        var steps = [
            LifeStep(
                entry: registrationEntry, day: registrationAsSigned.concluded.date, statusBefore: nil,
                statusAfter: .signed, registrationBefore: nil, registrationAfter: registrationAsSigned, termBefore: nil,
                termAfter: registrationAsSigned.term)
        ]
        for event in events {
            let before = state
            let day = before.day(of: event.body)
            state.apply(event.body, entry: event.entry, leafHash: event.leafHash)
            steps.append(
                LifeStep(
                    entry: event.entry, day: day.date, statusBefore: before.standing(by: day).status,
                    statusAfter: state.standing(by: day).status, registrationBefore: before.registration,
                    registrationAfter: state.registration, termBefore: before.term, termAfter: state.term))
        }
        return steps
    }
}
