internal import Agreements
internal import TiledLog

/// Publishes what is pending with the help of witnesses elsewhere. The registry is not locked while they are asked: entries
/// may come meanwhile, and then it is their tree that is cosigned.
package struct WitnessedPublishing {
    package let registry: RegistryFolder
    package let keys: KeysFolder
    private let vault: KeyVault
    private let witnesses: RemoteWitnesses
    /// POSIX seconds.
    private let now: () -> Int64
    /// How often the tree may change under the question.
    private static let tries = 5

    package init(
        registry: RegistryFolder, keys: KeysFolder, vault: KeyVault, witnesses: RemoteWitnesses,
        now: @escaping () -> Int64
    ) {
        self.registry = registry
        self.keys = keys
        self.vault = vault
        self.witnesses = witnesses
        self.now = now
    }

    /// - Returns: how far it came, and what each witness answered last.
    package func run() async throws -> (publishing: Registrar.Publishing, replies: [RemoteWitnesses.Reply]) {
        var replies: [RemoteWitnesses.Reply] = []
        for _ in 0..<Self.tries {
            let ledger = try OpenedLedger.open(registry: registry, keys: keys, now: now())
            guard let pending = ledger.pending else { return (.published(ledger.publishedHead), replies) }
            let (answers, copy) = await witnesses.ask(pending, of: ledger, now: now)
            replies = answers
            guard let copy else {
                return (.pending(pending.head, missing: pending.missing, waitingFor: pending.waitingFor), replies)
            }
            do {
                let registrar = try await Registrar.open(
                    registry: registry, keys: keys, vault: vault, now: now, purpose: .completing)
                return (try await registrar.publish(taking: [copy]), replies)
            } catch let error as RegistryError where error.code == .conflict {
                // Another process has added to the tree meanwhile, and asks for that one; or holds the lock for long.
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        let ledger = try OpenedLedger.open(registry: registry, keys: keys, now: now())
        guard let pending = ledger.pending else { return (.published(ledger.publishedHead), replies) }
        return (.pending(pending.head, missing: pending.missing, waitingFor: pending.waitingFor), replies)
    }
}
