/// Where an agreement stands, and what that stands on: a fold over the events that change it, in the order of their
/// legal dates.
package struct AgreementStanding: Hashable, Sendable {
    /// A denunciation that is not withdrawn.
    package struct Denunciation: Hashable, Sendable {
        package let entry: Int64
        /// The day from which the agreement is ended; nil when unknown: it then does not end by itself.
        package let effect: CalendarDate?
    }

    /// What it is beneath a suspension and denunciations: signed, provisionally applied or in force.
    package private(set) var base = AgreementStatus.signed
    package private(set) var isSuspended = false
    package private(set) var denunciations: [PartyID: Denunciation] = [:]
    /// Nil while it has not ended.
    package private(set) var ending: AgreementEnding?

    package var status: AgreementStatus {
        if ending != nil { return .ended }
        if !denunciations.isEmpty { return .denounced }
        return isSuspended ? .suspended : base
    }

    /// One event of those that can change the standing.
    struct Turn: Hashable, Sendable {
        let event: Event
        let entry: Int64
        /// The event's own or, if it has none, the latest of those before it.
        let day: LegalDay
    }

    /// Lets time pass: a denunciation that takes effect by the day ends the agreement.
    mutating func pass(to day: LegalDay) {
        guard ending == nil else { return }
        let effective = denunciations.filter { _, denunciation in
            denunciation.effect.map { LegalDay($0) <= day } ?? false
        }
        let first = effective.min {
            (LegalDay($0.value.effect), $0.value.entry) < (LegalDay($1.value.effect), $1.value.entry)
        }
        guard let (party, denunciation) = first else { return }
        ending = AgreementEnding(
            cause: .denunciation, entry: denunciation.entry, date: denunciation.effect, party: party)
    }

    /// Takes in the next event. Where the table refuses it, it does nothing: an event that was recorded later, with an
    /// earlier date, may have taken the ground from under it.
    mutating func take(_ turn: Turn) {
        pass(to: turn.day)
        switch LifecycleTable.transition(turn.event.name, from: status) {
        case nil, .refused?, .stays?: break
        case .becomes(let status)?: become(status, turn)
        case .beneath(let status)?: base = status
        case .returns?: comeBack(turn.event)
        }
    }

    private mutating func become(_ status: AgreementStatus, _ turn: Turn) {
        switch status {
        case .signed, .provisionallyApplied, .inForce: base = status
        case .suspended: isSuspended = true
        case .denounced:
            guard case .agreementDenounced(let body) = turn.event else { return }
            denunciations[body.party] = Denunciation(entry: turn.entry, effect: body.details.date)
            // A notice that comes after the day that it names ends the agreement when it comes.
            pass(to: turn.day)
        case .ended:
            var cause = AgreementEnding.Cause.termination
            if case .agreementExpired = turn.event { cause = .expiry }
            ending = AgreementEnding(cause: cause, entry: turn.entry, date: turn.day.date, party: nil)
        }
    }

    private mutating func comeBack(_ event: Event) {
        if let party = event.actingParty {
            denunciations[party] = nil
        } else {
            isSuspended = false
        }
    }
}
