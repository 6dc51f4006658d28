internal import Agreements
internal import Registry

/// What an entry is that is to be voided, as far as the registry here tells.
enum VoidedWords {
    /// Empty for every other event, and where there is no such entry.
    static func lines(of event: Event, _ ledger: OpenedLedger, _ state: LedgerState) -> [String] {
        guard case .registryVoided(let body) = event, let entry = try? ledger.entry(at: body.entry),
            ContentDigest(entry.leafHash) == body.leafHash
        else { return [] }
        guard let statement = entry.statement else { return [PlainWords.line("", "an entry without a statement")] }
        guard let agreement = statement.agreement else { return [PlainWords.line("", "\(statement.event.name)")] }
        // Once it is voided, a registration is known from its own entry only.
        var registration = state.agreement(agreement)?.registration
        if case .agreementRegistered(let own) = statement.event { registration = registration ?? own }
        return [PlainWords.line("", "\(statement.event.name) of \(agreement)")]
            + (registration.map { [PlainWords.line("agreement", $0.title?.preferred ?? "(not public)")] } ?? [])
    }
}
