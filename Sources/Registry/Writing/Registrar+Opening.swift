internal import Agreements
internal import TiledLog

extension Registrar {
    /// Locks the registry, and finds it as it was left: what a process that died had begun is taken up or put away.
    package static func open(
        registry: RegistryFolder, keys: KeysFolder, vault: KeyVault, now: @escaping () -> Int64,
        purpose: Purpose = .adding, patienceSeconds: Double = 10
    ) async throws -> Registrar {
        if purpose == .adding { try vault.requireLogKey() }
        let lock = try Self.lock(registry, patienceSeconds: patienceSeconds)
        let keysLock = try Self.lock(keys, patienceSeconds: patienceSeconds)
        try registry.files.sweepTemporaryFiles()
        try registry.restrictedFiles.sweepTemporaryFiles()
        try keys.files.sweepTemporaryFiles()
        let ledger: OpenedLedger
        do {
            ledger = try OpenedLedger.open(registry: registry, keys: keys, now: now())
        } catch let error as OpenedLedger.Unopenable {
            throw RegistryError(
                .refused, "the registry cannot be added to: \(error.findings.first?.message ?? "it does not hold")",
                hint: "see 'bitim audit'", findings: error.findings)
        }
        guard ledger.pinnedIdentity != nil else {
            throw RegistryError(
                .refused, "no identity is pinned in \(keys.path), so nothing is signed for this registry",
                hint: "write the registry's identity, known from elsewhere, to \(keys.path)/identity")
        }
        try SteadyClock.require(now(), after: ledger.published)
        let published = ledger.published
        let steady = { SteadyClock.time(now(), after: published) }
        let resumed = try await ResumedLedger(ledger, vault: vault, purpose: purpose, now: steady())
        return Registrar(lock: lock, keysLock: keysLock, resumed: resumed, vault: vault, now: steady)
    }

    /// Held while what local signers remember is read and written.
    static func lock(_ keys: KeysFolder, patienceSeconds: Double) throws -> FileLock {
        try keys.files.makeFolder(keys.fullPath("private"), mode: 0o700)
        guard
            let lock = try FileLock.acquire(
                keys.fullPath("private/lock"), mode: 0o600, patienceSeconds: patienceSeconds)
        else {
            throw RegistryError(
                .conflict, "the keys in \(keys.path) are in use by another process",
                hint: "wait until it is done, then run the command again")
        }
        return lock
    }

    static func lock(_ registry: RegistryFolder, patienceSeconds: Double) throws -> FileLock {
        try registry.files.makeFolder(registry.fullPath("state"), mode: 0o755)
        guard
            let lock = try FileLock.acquire(
                registry.fullPath(RegistryFolder.lockName), patienceSeconds: patienceSeconds)
        else {
            throw RegistryError(
                .conflict, "the registry is locked by another process",
                hint: "wait until it is done, then run the command again")
        }
        return lock
    }
}
