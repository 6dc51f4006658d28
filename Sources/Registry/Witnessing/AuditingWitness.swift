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
    private let url: String
    private let client: HTTPClient
    private let vault: KeyVault
    private let now: @Sendable () -> Int64
    private let gate = SerialGate(mostWaiting: 16)

    /// The latest checkpoint that was cosigned, with the cosignature that was given away.
    static let cosignedName = "state/cosigned"

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
    private func logKeys() -> [VerifierKey] {
        var policies: [WitnessPolicy] = []
        if let ledger = openedLedger() {
            policies +=
                [ledger.history.policy(forTreeSize: .max), ledger.policy] + ledger.history.formerPolicies.map(\.policy)
        }
        if let policy = (try? keys.policy()).flatMap({ $0 }).flatMap({ try? WitnessPolicy(parsing: $0) }) {
            policies.append(policy)
        }
        return policies.flatMap { $0.logs.map(\.key) }.reduce(into: []) { keys, key in
            if !keys.contains(key) { keys.append(key) }
        }
    }

    /// Those of the log: by the keys that it is known to have or, of a note that none of them has signed, by its name.
    private func logLines(of note: SignedNote) throws -> [NoteSignature] {
        let keys = logKeys()
        let known = note.signatures.filter { line in keys.contains { line.names($0) } }
        guard known.isEmpty else { return known }
        let origin = try Checkpoint(parsing: note.text).origin
        return note.signatures.filter { $0.name.value == origin }
    }

    private func openedLedger() -> OpenedLedger? {
        (try? opened()).flatMap { $0 }
    }

    /// The latest checkpoint that was cosigned; nil when none was.
    package nonisolated func latestCosigned() -> [UInt8]? {
        try? Files.read(registry.fullPath(Self.cosignedName), maximumBytes: SignedNote.maximumByteCount)
    }

    /// Throws unless the witness could sign: its key is here, it remembers what it signed, and the registry names it.
    package func requireAble() throws {
        _ = try SignerState(keys, signer: .witness(party))
        try vault.unlock([.party(party)], signing: false)
        guard let ledger = openedLedger() else { return }
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

    // MARK: add-checkpoint

    package func addCheckpoint(_ bytes: [UInt8]) async -> WitnessAnswer {
        guard await gate.enter() else {
            return .refused(WitnessRefusal(.busy, "too many requests wait for this witness"))
        }
        let answer: WitnessAnswer
        do {
            answer = try await answered(bytes)
        } catch {
            answer = .refused(Self.refusal(error))
        }
        await gate.leave()
        return answer
    }

    private static func refusal(_ error: any Error) -> WitnessRefusal {
        switch error {
        case let refusal as WitnessRefusal: refusal
        case let error as RegistryError: WitnessRefusal(error)
        case let error as OpenedLedger.Unopenable:
            WitnessRefusal(.unable, "the witness's own copy does not hold", findings: error.findings)
        default: WitnessRefusal(.unable, "\(error)")
        }
    }

    private func answered(_ bytes: [UInt8]) async throws -> WitnessAnswer {
        let submitted = try SubmittedCheckpoint(bytes) { trustedKeys(of: $0) }
        let origin = submitted.request.checkpoint.origin
        guard let trusted = trustedKeys(of: origin) else { throw SubmittedCheckpoint.unknown(origin) }
        let isSignedByNewKey = isSignedByNewKey(submitted.request.note, trusted)
        if !isSignedByNewKey { try SubmittedCheckpoint.requireSigned(submitted.request.note, trusted) }
        try submitted.requireOrder()
        guard submitted.request.checkpoint.extensionLines.isEmpty else {
            throw WitnessRefusal(
                .unsound, "the checkpoint has extension lines, which nobody here would have audited",
                findings: [
                    Finding(
                        "checkpoint.extension", path: RegistryFolder.checkpointName,
                        "the checkpoint has extension lines")
                ])
        }
        let last = try SignerState(keys, signer: .witness(party)).head(origin: submitted.origin)
        guard submitted.request.oldSize == last.size else {
            return .conflict(size: last.size, alarm: try otherHistory(submitted, last))
        }
        do {
            try submitted.requireConsistent(with: last)
        } catch {
            throw try await misbehaviour(submitted, last, error)
        }
        guard submitted.head.size > 0 else {
            throw WitnessRefusal(
                .unsound, "there is nothing to audit",
                findings: [Finding("ledger.empty", path: RegistryFolder.checkpointName, "the ledger has no entries")])
        }
        return .cosigned(try await cosign(submitted, last: last))
    }

    /// The log's key may be changed by an entry of the very tree: whether it is, is judged once the entry is here.
    private func isSignedByNewKey(_ note: SignedNote, _ trusted: [VerifierKey]) -> Bool {
        !note.signatures.contains { line in trusted.contains { line.names($0) } }
            && note.signatures.contains { line in trusted.contains { $0.name == line.name } }
            && openedLedger() != nil
    }

    private func cosign(_ submitted: SubmittedCheckpoint, last: TreeHead) async throws -> [NoteSignature] {
        let ledger = try await followed()
        let signatures: [NoteSignature]
        if let ledger, submitted.head == ledger.publishedHead {
            // A key that came with the tree is known by now; what is not signed by one was never the log's.
            try SubmittedCheckpoint.requireSigned(
                submitted.request.note, trustedKeys(of: submitted.request.checkpoint.origin) ?? [])
            signatures = try await cosignPublished(submitted, ledger, last: last)
        } else {
            signatures = try await cosignPending(submitted, ledger)
        }
        let note = try SignedNote(
            text: submitted.request.note.text, signatures: logLines(of: submitted.request.note) + signatures)
        try registry.files.replace(Self.cosignedName, with: note.bytes)
        return signatures
    }

    /// Of what is published already: cosigned once more, or audited first where others made up the quorum.
    private func cosignPublished(
        _ submitted: SubmittedCheckpoint, _ ledger: OpenedLedger, last: TreeHead
    ) async throws -> [NoteSignature] {
        let time = now()
        let signing = CheckpointSigning(ledger, ledger.history, vault: vault)
        let lock = try Registrar.lock(keys, patienceSeconds: 10)
        defer { withExtendedLifetime(lock) {} }
        if submitted.head != last {
            let publications = Publications(registry, history: ledger.history).including(ledger.published)
            let findings = try await EntryAudit.findings(
                of: ledger, publications: publications, head: submitted.head, unseenFrom: last.size, now: time)
            guard findings.verdict == .passed else {
                throw RegistryError(
                    .refused,
                    "the witness does not cosign: \(findings.first { $0.severity != .warning }?.message ?? "")",
                    hint: "see 'bitim audit'", findings: findings)
            }
            var state = try SignerState(keys, signer: .witness(party))
            // Another process may have cosigned meanwhile: a memory never goes back.
            guard try state.head(origin: submitted.origin) == last else {
                throw WitnessRefusal(.busy, "the witness has cosigned another tree meanwhile")
            }
            try state.remember(submitted.head, origin: submitted.origin)
        }
        return try signing.cosignAgain(submitted.request.checkpoint, party: party, at: time)
    }

    /// Of a tree that is not published: its entries are fetched, and audited in full, before the key is touched.
    private func cosignPending(
        _ submitted: SubmittedCheckpoint, _ ledger: OpenedLedger?
    ) async throws -> [NoteSignature] {
        if let ledger, submitted.head.size <= ledger.fullHead.size, submitted.head != ledger.fullHead,
            let finding = try SeenHistory(registry: registry, keys: keys, own: ledger)
                .behind(submitted.request.note, submitted.request.checkpoint, own: ledger)
                .first(where: { $0.key == "ledger.forked" })
        {
            throw Self.inconsistent(finding)
        }
        let former = try? Files.read(
            registry.fullPath(RegistryFolder.pendingName), maximumBytes: SignedNote.maximumByteCount)
        do {
            try await takePending(submitted.request.note, submitted.head, ledger)
            let registrar = try await Registrar.open(
                registry: registry, keys: keys, vault: vault, now: now, purpose: .completing)
            guard registrar.ledger.pending != nil else {
                throw WitnessRefusal(
                    .unsigned, "no key of the log has signed the checkpoint",
                    findings: [registrar.ledger.pendingFault].compactMap { $0 })
            }
            let signatures = try await registrar.cosign(as: party)
            try IncomingFiles.finish(registry)
            return signatures
        } catch {
            // A tree that does not pass leaves nothing behind.
            try restore(former)
            throw error
        }
    }

    private func restore(_ pending: [UInt8]?) throws {
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

    /// Fetches what the tree adds, and stores the log's signature as what is pending.
    private func takePending(_ note: SignedNote, _ head: TreeHead, _ ledger: OpenedLedger?) async throws {
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

    /// What the copy has, once what is published has been taken in; nil as long as nothing is.
    private func followed() async throws -> OpenedLedger? {
        do {
            _ = try await mirror(progress: nil)
        } catch let error as RegistryError where error.code == .pending {
            // The first tree of a registry is published when it is cosigned.
        }
        return try opened()
    }

    private func opened() throws -> OpenedLedger? {
        registry.hasCheckpoint ? try OpenedLedger.open(registry: registry, keys: keys, now: now()) : nil
    }

    /// What is published is taken in first: entries name the checkpoints that their signers saw.
    private func mirror(progress: CopyProgress?) async throws -> RegistryMirror.Report {
        let mirror = RegistryMirror(url, into: registry, keys: keys, client: client, now: now)
        return try await mirror.run(progress: progress, trusting: try? SignerState(keys, signer: .witness(party)))
    }

    // MARK: Misbehaviour

    /// Of a tree that is not larger than the one that was cosigned: the copy tells whether it is of the same history.
    private func otherHistory(_ submitted: SubmittedCheckpoint, _ last: TreeHead) throws -> WitnessRefusal? {
        guard submitted.head.size <= last.size, submitted.head.size > 0, submitted.head != last,
            let ledger = openedLedger(), ledger.fullHead.size >= last.size
        else { return nil }
        let findings = try SeenHistory(registry: registry, keys: keys, own: ledger)
            .behind(submitted.request.note, submitted.request.checkpoint, own: ledger)
        // That somebody says so, unsigned, is no alarm.
        return findings.first { $0.key == "ledger.forked" }.map(Self.inconsistent).flatMap {
            $0.evidence == nil ? nil : $0
        }
    }

    private static func inconsistent(_ finding: Finding) -> WitnessRefusal {
        WitnessRefusal(
            .inconsistent, finding.message, findings: [finding],
            evidence: finding.path == RegistryFolder.checkpointName ? nil : finding.path)
    }

    /// With the evidence, where there is some to be had: the proof that was sent, or what the log serves for the tree.
    private func misbehaviour(
        _ submitted: SubmittedCheckpoint, _ last: TreeHead, _ refusal: WitnessRefusal
    ) async throws -> WitnessRefusal {
        if let other = try otherHistory(submitted, last) { return other }
        guard submitted.head.size > last.size, let ledger = openedLedger(), ledger.fullHead.size >= last.size else {
            return refusal
        }
        let seen = SeenHistory(registry: registry, keys: keys, own: ledger)
        if let finding = try seen.forked(submitted.request.note, sentProof: submitted.request.proof) {
            return Self.inconsistent(finding)
        }
        guard ledger.fullHead.size <= submitted.head.size,
            let (source, _) = try? await RegistrySource.find(url, client: client)
        else { return refusal }
        let tree = IncomingTree(registry: registry, source: source, own: ledger.fullHead, head: submitted.head)
        guard case .inconsistent(let proved)? = try? await tree.fetch(taken: { _, _ in }) else { return refusal }
        return Self.inconsistent(try seen.forked(submitted.request.note, proved))
    }

    // MARK: check-entries

    /// What an audit would say of entries that are to follow a tree. Nothing of them is kept.
    package func check(_ bytes: [UInt8]) async -> Result<[Finding], WitnessRefusal> {
        guard await gate.enter() else {
            return .failure(WitnessRefusal(.busy, "too many requests wait for this witness"))
        }
        let result: Result<[Finding], WitnessRefusal>
        do {
            result = .success(try await checked(EntryCheckRequest(parsing: bytes)))
        } catch {
            result = .failure(Self.refusal(error))
        }
        await gate.leave()
        return result
    }

    private func checked(_ request: EntryCheckRequest) async throws -> [Finding] {
        let origin = request.checkpoint.origin
        guard let trusted = trustedKeys(of: origin) else { throw SubmittedCheckpoint.unknown(origin) }
        try SubmittedCheckpoint.requireSigned(request.note, trusted)
        let ledger = try await followed()
        let head = TreeHead(size: request.checkpoint.size, root: request.checkpoint.root)
        let own = ledger?.fullHead ?? .empty
        guard head.size >= own.size else {
            throw WitnessRefusal(.busy, "the witness has \(own.size) entries already")
        }
        let former = try? Files.read(
            registry.fullPath(RegistryFolder.pendingName), maximumBytes: SignedNote.maximumByteCount)
        do {
            if head != own { try await takePending(request.note, head, ledger) }
            let findings = try await findings(against: request)
            // What was fetched to look at them is not audited, and does not stay.
            if head != own { try restore(former) }
            return findings
        } catch {
            if head != own { try restore(former) }
            throw error
        }
    }

    private func findings(against request: EntryCheckRequest) async throws -> [Finding] {
        let registrar = try await Registrar.open(
            registry: registry, keys: keys, vault: vault, now: now, purpose: .completing)
        registrar.offer(request.certificates.compactMap { try? Certificate(derBytes: $0) })
        var findings: [Finding] = []
        for leaf in request.entries {
            do {
                _ = try registrar.queue(leaf: leaf, requiringDocuments: false)
            } catch let error as RegistryError where error.code == .refused {
                findings +=
                    error.findings.isEmpty
                    ? [Finding("entry.refused", entry: registrar.state.size, error.message)] : error.findings
                // What follows may rest on it.
                break
            }
        }
        return findings
    }
}
