extension AgreementState {
    /// The rules on the event as the next of this agreement's life.
    ///
    /// - Parameter judgedDay: nil for a listing, which has no clock.
    func lifecycleViolations(of event: Event, on judgedDay: CalendarDate?) -> [RuleViolation] {
        repetitionViolations(of: event) + dateViolations(of: event, on: judgedDay)
            + statusViolations(of: event, on: judgedDay)
    }

    /// On which days the event must be allowed: on that from which it counts and, if it has no date, on that by which it
    /// was there.
    ///
    /// What one party does alone is held against both: it cannot reach back behind what has become of the agreement.
    private func daysToAsk(_ event: Event, on judgedDay: CalendarDate?) -> [LegalDay] {
        let own = day(of: event)
        let judged = max(own, LegalDay(judgedDay))
        guard judged != own else { return [own] }
        if event.legalDate == nil { return [judged, own] }
        return isUnilateralStep(event) ? [own, judged] : [own]
    }

    private func isUnilateralStep(_ event: Event) -> Bool {
        event.actingParty != nil && LifecycleTable.canChangeStatus(event.name)
    }

    private func statusViolations(of event: Event, on judgedDay: CalendarDate?) -> [RuleViolation] {
        for day in daysToAsk(event, on: judgedDay) {
            let standing = standing(by: day)
            let on = day.date.map { " on \($0)" } ?? ""
            guard LifecycleTable.transition(event.name, from: standing.status) != .refused else {
                let allowed = LifecycleTable.allowed(event.name).map(\.text)
                return [
                    RuleViolation(
                        key: "agreement.status.refused",
                        message: "\(id) is \(standing.words)\(on), and \(event.name) needs it to be "
                            + allowed.joined(separator: " or "),
                        expected: allowed.joined(separator: ", "), actual: standing.status.text,
                        isIndeterminate: isUnsure)
                ]
            }
            if case .agreementDenunciationWithdrawn(let body) = event, standing.denunciations[body.party] == nil {
                return [
                    RuleViolation(
                        key: "agreement.denunciation.unknown",
                        message: "\(body.party) has no denunciation of \(id)\(on) that it could withdraw",
                        expected: standing.denunciations.keys.sorted().map(\.text).joined(separator: ", "),
                        actual: body.party.text, isIndeterminate: isUnsure)
                ]
            }
        }
        return []
    }

    private func dateViolations(of event: Event, on judgedDay: CalendarDate?) -> [RuleViolation] {
        conclusionViolations(of: event) + reachViolations(of: event, on: judgedDay) + effectViolations(of: event)
    }

    private func conclusionViolations(of event: Event) -> [RuleViolation] {
        guard !LifecycleTable.canPrecedeConclusion(event.name), let date = event.legalDate,
            let concluded = registration.concluded.date, LegalDay(date) < LegalDay(concluded)
        else { return [] }
        return [
            RuleViolation(
                key: "agreement.date.early",
                message: "\(event.name) of \(date) lies before \(concluded), the day on which \(id) was concluded",
                expected: concluded.text, actual: date.text, isIndeterminate: isUnsure)
        ]
    }

    /// What one party does alone leaves standing what all parties have signed: its day does not lie before theirs.
    ///
    /// What they have signed for a day still to come does not bind it: a party may denounce before that day.
    private func reachViolations(of event: Event, on judgedDay: CalendarDate?) -> [RuleViolation] {
        guard isUnilateralStep(event), let party = event.actingParty, let date = event.legalDate, let judgedDay,
            let joint = latestJointDay(by: LegalDay(judgedDay)).date, LegalDay(date) < LegalDay(joint)
        else { return [] }
        return [
            RuleViolation(
                key: "agreement.denunciation.backdated",
                message: "\(party) alone cannot reach back to \(date): all parties of \(id) have signed an event of "
                    + "\(joint)",
                expected: joint.text, actual: date.text, isIndeterminate: isUnsure)
        ]
    }

    private func effectViolations(of event: Event) -> [RuleViolation] {
        guard case .agreementDenounced(let body) = event, let effect = body.details.date,
            let notice = day(of: event).date, LegalDay(effect) < LegalDay(notice)
        else { return [] }
        return [
            RuleViolation(
                key: "agreement.denunciation.effect",
                message:
                    "the denunciation would end \(id) on \(effect), before its notice, which counts from \(notice)",
                expected: notice.text, actual: effect.text, isIndeterminate: isUnsure)
        ]
    }

    /// What a party, or the agreement itself, can do once only.
    private func repetitionViolations(of event: Event) -> [RuleViolation] {
        switch event {
        case .agreementConsented(let body):
            guard let consent = consents[body.party] else { return [] }
            return [
                RuleViolation(
                    key: "agreement.consent.repeated",
                    message: "\(body.party) has consented to \(id) already, in entry \(consent.entry)",
                    actual: body.party.text, isIndeterminate: isUnsure)
            ]
        case .agreementDenounced(let body):
            guard let denunciation = denunciations[body.party] else { return [] }
            return [
                RuleViolation(
                    key: "agreement.denunciation.repeated",
                    message: "\(body.party) has denounced \(id) already, in entry \(denunciation.entry)",
                    actual: body.party.text, isIndeterminate: isUnsure)
            ]
        case .agreementAmended(let body) where body.amendment == id:
            return [
                RuleViolation(
                    key: "agreement.amendment.itself", message: "\(id) cannot be its own amendment", actual: id.text)
            ]
        default:
            return []
        }
    }

    // An event that could not be read may have changed the status, or taken a step back.
    private var isUnsure: Bool { !unrecognisedEntries.isEmpty }
}

extension AgreementStanding {
    /// The status, with what made it so.
    package var words: String {
        switch status {
        case .ended:
            guard let ending else { return status.text }
            let by = ending.party.map { " of \($0)" } ?? ""
            let since = ending.date.map { " since \($0)" } ?? ""
            return "ended by \(ending.cause.text)\(by)\(since)"
        case .denounced:
            let parties = denunciations.sorted { $0.key < $1.key }
                .map { party, denunciation in
                    "\(party)" + (denunciation.effect.map { " from \($0)" } ?? "")
                }
            return "denounced by \(parties.joined(separator: " and by "))"
        case .signed, .provisionallyApplied, .inForce, .suspended:
            return status.text
        }
    }
}
