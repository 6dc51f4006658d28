extension LedgerState {
    /// The rules of the statement's own event.
    func eventViolations(
        of statement: Statement, _ life: AgreementLife, on judgedDay: CalendarDate?
    ) -> [RuleViolation] {
        switch (statement.event, statement.agreement) {
        case (.unrecognised, _), (.registryEstablished, _):
            return []
        case (.registryChanged(let body), _):
            return registry?.violations(of: body) ?? []
        case (.registryVoided(let body), _):
            return voidingViolations(of: body)
        case (.agreementRegistered(let body), let id?):
            return idViolations(of: id, life) + registrationViolations(of: body)
        case (let event, let id?):
            return agreementViolations(of: id, life, event, on: judgedDay)
        case (_, nil):
            return []
        }
    }

    private func idViolations(of id: AgreementID, _ life: AgreementLife) -> [RuleViolation] {
        guard let index = life.firstEntry else { return [] }
        return [
            RuleViolation(
                key: "agreement.id.used", message: "\(id) was registered as entry \(index)", actual: id.text)
        ]
    }

    private func registrationViolations(of body: AgreementRegistered) -> [RuleViolation] {
        let unknown = body.parties.filter { !isRegistryParty($0.party) }
            .map { party in
                RuleViolation(
                    key: "agreement.party.unknown", message: "\(party.party) is no party of the registry",
                    expected: registry.map { $0.constitution.parties.map(\.party.text).joined(separator: ", ") },
                    actual: party.party.text,
                    isIndeterminate: isRegistryUnknown)
            }
        return unknown + keeperViolations(of: body.documents, parties: body.parties)
    }

    private func agreementViolations(
        of id: AgreementID, _ life: AgreementLife, _ event: Event, on judgedDay: CalendarDate?
    ) -> [RuleViolation] {
        switch life {
        case .registered(let agreement):
            return (event.actingParty.map { partyViolations($0, of: agreement) } ?? [])
                + keeperViolations(of: event.documents, parties: agreement.registration.parties)
                + agreement.lifecycleViolations(of: event, on: judgedDay)
        case .unrecognised, .unknown:
            // Its registration is there, but cannot be read: said by `agreement.state.unknown`.
            return []
        case .absent:
            return [
                RuleViolation(key: "agreement.unknown", message: "\(id) is not registered before", actual: id.text)
            ]
        }
    }

    private func partyViolations(_ party: PartyID, of agreement: AgreementState) -> [RuleViolation] {
        guard !agreement.hasParty(party) else { return [] }
        return [
            RuleViolation(
                key: "agreement.party.unknown", message: "\(party) is no party of \(agreement.id)",
                expected: agreement.registration.parties.map(\.party.text).joined(separator: ", "),
                actual: party.text)
        ]
    }

    private func keeperViolations(of documents: [Document], parties: [AgreementParty]) -> [RuleViolation] {
        documents.compactMap { document in
            guard let keeper = document.keeper, !parties.contains(where: { $0.party == keeper }) else { return nil }
            return RuleViolation(
                key: "document.keeper.unknown",
                message: "\(keeper), the keeper of \(document.name), is no party of the agreement",
                expected: parties.map(\.party.text).joined(separator: ", "), actual: keeper.text)
        }
    }
}
