extension LedgerState {
    /// The rules of `registry.voided`: which entry it may name.
    func voidingViolations(of body: RegistryVoided) -> [RuleViolation] {
        guard body.entry < size else {
            return [
                RuleViolation(
                    key: "registry.void.unknown", message: "there is no entry \(body.entry) before this one",
                    expected: "less than \(size)", actual: String(body.entry))
            ]
        }
        let found = leafHashViolations(of: body)
        return found + effectViolations(of: body).filter { !found.contains($0) }
    }

    private func leafHashViolations(of body: RegistryVoided) -> [RuleViolation] {
        guard let leafHash = leafHash(of: body.entry) else {
            return [unreadableViolation(of: body)]
        }
        guard leafHash != body.leafHash else { return [] }
        return [
            RuleViolation(
                key: "registry.void.mismatch", message: "entry \(body.entry) has another leaf hash",
                expected: leafHash.text, actual: body.leafHash.text)
        ]
    }

    private func unreadableViolation(of body: RegistryVoided) -> RuleViolation {
        RuleViolation(
            key: "registry.void.mismatch", message: "entry \(body.entry) cannot be read here",
            actual: body.leafHash.text, isIndeterminate: true)
    }

    private func effectViolations(of body: RegistryVoided) -> [RuleViolation] {
        if let voiding = voidedEntries[body.entry] {
            return [
                RuleViolation(
                    key: "registry.void.repeated",
                    message: "entry \(body.entry) is voided already, by entry \(voiding)", actual: String(body.entry))
            ]
        }
        guard let place = try? placeLife(of: body.entry) else { return [unreadableViolation(of: body)] }
        switch place {
        case .none:
            return []
        case .registry where registry?.isLatestChange(body.entry) ?? false:
            return []
        case .registry:
            let message =
                body.entry == 0
                ? "entry 0 is what the registry rests on, and cannot be voided"
                : "entry \(body.entry) is an event of the registry itself, and not its latest change: undo it by another one"
            return [RuleViolation(key: "registry.void.refused", message: message, actual: String(body.entry))]
        case .agreement(let id):
            let life = life(of: id)
            if case .unknown(let fault) = life { return [unknownViolation(id, fault)] }
            guard let last = life.lastEntry(restingOn: body.entry) else { return [] }
            return [
                RuleViolation(
                    key: "registry.void.order",
                    message: "entry \(last) of \(id) rests on entry \(body.entry): void the latest first",
                    expected: String(last), actual: String(body.entry))
            ]
        }
    }
}
