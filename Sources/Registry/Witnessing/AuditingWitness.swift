package import Agreements
package import HTTPClient
internal import OpenSSLKit
internal import TiledLog
package import TransparencyLog

/// A party's witness of one registry: it keeps a copy, and cosigns a tree when everything in it has passed the audit that
/// its cosignature stands for.
package actor AuditingWitness {
    package nonisolated let party: PartyID
    package nonisolated let registry: RegistryFolder
    package nonisolated let keys: KeysFolder
    let url: String
    let client: HTTPClient
    let vault: KeyVault
    let now: @Sendable () -> Int64
    let gate = SerialGate(mostWaiting: 16)

    /// - Parameters:
    ///   - url: where the ledger is served.
    ///   - vault: opens the witness's key; its passphrase has been asked for.
    package init(
        party: PartyID, registry: RegistryFolder, keys: KeysFolder, url: String, client: HTTPClient,
        vault: sending KeyVault, now: @escaping @Sendable () -> Int64
    ) {
        self.party = party
        self.registry = registry
        self.keys = keys
        self.url = url
        self.client = client
        self.vault = vault
        self.now = now
    }

    // MARK: Asking

    /// The log keys that are trusted for the origin; nil where it is not this registry's.
    package func trustedKeys(of origin: ByteString) -> [VerifierKey]? {
        let known = logKeys().filter { $0.name.value == origin }
        return known.isEmpty ? nil : known
    }

    /// Every key that the log has had, as far as it is known here.
    func logKeys() -> [VerifierKey] {
        var policies: [WitnessPolicy] = []
        if let ledger = openedLedger() {
            policies +=
                [ledger.history.policy(forTreeSize: .max), ledger.policy] + ledger.history.formerPolicies.map(\.policy)
        }
        if let policy = (try? keys.currentPolicy()).flatMap({ $0 }) { policies.append(policy) }
        return policies.flatMap { $0.logs.map(\.key) }.reduce(into: []) { keys, key in
            if !keys.contains(key) { keys.append(key) }
        }
    }

    /// Those of the log: by the keys that it is known to have or, of a note that none of them has signed, by its name.
    func logLines(of note: SignedNote) throws -> [NoteSignature] {
        let keys = logKeys()
        let known = note.signatures.filter { line in keys.contains { line.names($0) } }
        guard known.isEmpty else { return known }
        let origin = try Checkpoint(parsing: note.text).origin
        return note.signatures.filter { $0.name.value == origin }
    }

    func openedLedger() -> OpenedLedger? {
        (try? opened()).flatMap { $0 }
    }

    /// The latest checkpoint that was cosigned; nil when none was.
    package nonisolated func latestCosigned() -> [UInt8]? {
        try? Files.read(registry.fullPath(RegistryFolder.cosignedName), maximumBytes: SignedNote.maximumByteCount)
    }

    /// Throws unless the witness could sign: its key is here, it remembers what it signed, and the registry names it.
    package func requireAble() throws {
        _ = try SignerState(keys, signer: .witness(party))
        try vault.unlock([.party(party)], signing: false)
        guard let ledger = openedLedger() else { return try vault.requireWitnessKey(of: party) }
        let witnesses = ledger.history.state.constitution.quorum.witnesses.filter { $0.party == party }
        guard !witnesses.isEmpty else {
            throw RegistryError(
                .usage, "\(party) has no witness in this registry", hint: "'bitim keys list' shows the parties")
        }
        let signing = CheckpointSigning(ledger, ledger.history, vault: vault)
        _ = try signing.cosigners(of: party)
    }

    /// Brings the copy up to what is published.
    package func follow(progress: CopyProgress? = nil) async throws {
        guard await gate.enter() else { return }
        do {
            _ = try await mirror(progress: progress)
        } catch {
            await gate.leave()
            throw error
        }
        await gate.leave()
    }

    static func refusal(_ error: any Error) -> WitnessRefusal {
        switch error {
        case let refusal as WitnessRefusal: refusal
        case let error as RegistryError: WitnessRefusal(error)
        case let error as OpenedLedger.Unopenable:
            WitnessRefusal(.unable, "the witness's own copy does not hold", findings: error.findings)
        default: WitnessRefusal(.unable, "\(error)")
        }
    }

    // MARK: The copy

    /// What the copy has, once what is published has been taken in; nil as long as nothing is.
    func followed() async throws -> OpenedLedger? {
        do {
            _ = try await mirror(progress: nil)
        } catch let error as RegistryError where error.code == .pending {
            // The first tree of a registry is published when it is cosigned.
        }
        return try opened()
    }

    func opened() throws -> OpenedLedger? {
        registry.hasCheckpoint ? try OpenedLedger.open(registry: registry, keys: keys, now: now()) : nil
    }

    /// What is published is taken in first: entries name the checkpoints that their signers saw.
    private func mirror(progress: CopyProgress?) async throws -> RegistryMirror.Report {
        let mirror = RegistryMirror(url, into: registry, keys: keys, client: client, now: now)
        return try await mirror.run(progress: progress, trusting: try? SignerState(keys, signer: .witness(party)))
    }

    /// Fetches what the tree adds, and stores the log's signature as what is pending.
    func takePending(_ note: SignedNote, _ head: TreeHead, _ ledger: OpenedLedger?) async throws {
        guard let identity = try keys.identity() else { throw WitnessRefusal(.unable, "no identity is pinned") }
        let lock = try Registrar.lock(registry, patienceSeconds: 10)
        defer { withExtendedLifetime(lock) {} }
        let (source, _) = try await RegistrySource.find(url, client: client)
        // From what is published: of what was pending before, anything may be missing after a process that died.
        let transfer = CopyTransfer(
            registry: registry, source: source, own: ledger?.publishedHead ?? .empty, head: head, identity: identity,
            known: [ledger?.fullHead ?? .empty].filter { $0.size <= head.size })
        switch try await transfer.run(published: nil, progress: nil) {
        case .placed: break
        case .refused(let findings):
            throw WitnessRefusal(
                findings.verdict == .indeterminate ? .undecided : .unsound,
                findings.first?.words ?? "what is served does not hold", findings: findings)
        case .inconsistent(let proved):
            throw Self.inconsistent(try SeenHistory(registry: registry, keys: keys, own: ledger).forked(note, proved))
        }
        let log = try SignedNote(text: note.text, signatures: logLines(of: note))
        try registry.files.replace(RegistryFolder.pendingName, with: log.bytes)
    }

    func restore(_ pending: [UInt8]?) throws {
        let lock = try Registrar.lock(registry, patienceSeconds: 10)
        defer { withExtendedLifetime(lock) {} }
        if let pending {
            try registry.files.replace(RegistryFolder.pendingName, with: pending)
        } else {
            registry.files.remove(RegistryFolder.pendingName)
        }
        let own = try opened()
        try IncomingFiles.undo(registry, having: own.map { [$0.publishedHead, $0.fullHead] } ?? [])
        try LogWriter(folder: registry.files, head: own?.fullHead ?? .empty).removeUnpromised()
    }
}
