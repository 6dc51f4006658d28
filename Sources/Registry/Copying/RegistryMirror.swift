internal import Agreements
package import HTTPClient
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Keeps a verified copy of a registry that is served somewhere. Its own checkpoint moves only when everything up to the
/// new one has passed an audit.
package struct RegistryMirror {
    /// What a run has done.
    package struct Report: Sendable {
        package let from: TreeHeadText
        package let to: TreeHeadText
        package let documents: Int
        /// How many entries were fetched.
        package var entries: Int64 { to.size - from.size }
    }

    package struct TreeHeadText: Sendable, Encodable {
        package let size: Int64
        package let root: String

        init(_ head: TreeHead) {
            size = head.size
            root = head.root.hex
        }
    }

    package let registry: RegistryFolder
    package let keys: KeysFolder
    private let url: String
    private let client: HTTPClient
    /// POSIX seconds.
    private let now: @Sendable () -> Int64

    package init(
        _ url: String, into registry: RegistryFolder, keys: KeysFolder, client: HTTPClient,
        now: @escaping @Sendable () -> Int64
    ) {
        self.url = url
        self.registry = registry
        self.keys = keys
        self.client = client
        self.now = now
    }

    /// Fetches what is new, checks it, and takes it in.
    ///
    /// - Throws: `RegistryError.refused` with findings where what is served does not hold, `.unavailable` where it cannot be
    ///   reached, `.pending` where nothing is published yet.
    package func run(progress: CopyProgress? = nil) async throws -> Report {
        try await run(progress: progress, trusting: nil)
    }

    /// - Parameter witness: what it remembers it has audited already.
    func run(progress: CopyProgress?, trusting witness: SignerState?) async throws -> Report {
        guard let identity = try keys.identity() else {
            throw RegistryError(
                .refused, "no identity is pinned in \(keys.path), so any registry could be mirrored for this one",
                hint: "write the registry's identity, known from elsewhere, to \(keys.path)/identity")
        }
        try registry.files.makeFolder(registry.path, mode: 0o755)
        let lock = try Registrar.lock(registry, patienceSeconds: 10)
        defer { withExtendedLifetime(lock) {} }
        try registry.files.sweepTemporaryFiles()
        let own = try ownLedger()
        try IncomingFiles.undo(registry, having: own.map { [$0.publishedHead, $0.fullHead] } ?? [])
        let (source, served) = try await RegistrySource.find(url, client: client)
        guard let served else {
            throw RegistryError(
                own == nil ? .pending : .unavailable, "\(source.url) serves no published checkpoint",
                hint: "check the address; a registry that is only pending has none yet")
        }
        let report = try await take(
            served, from: source, own: own, identity: identity, witness: witness, progress: progress)
        try MirrorMemory(url: source.url, time: now(), size: report.to.size).keep(in: registry)
        return report
    }

    /// What the copy has; nil for a new one.
    private func ownLedger() throws -> OpenedLedger? {
        guard registry.isPublished else { return nil }
        do {
            return try OpenedLedger.open(registry: registry, keys: keys, now: now())
        } catch let error as OpenedLedger.Unopenable {
            throw RegistryError(
                .refused, "the copy in \(registry.path) does not hold: \(error.findings.first?.message ?? "")",
                hint: "mirror into a new folder; keep this one if it may be evidence", findings: error.findings)
        }
    }

    private func take(
        _ served: [UInt8], from source: RegistrySource, own: OpenedLedger?, identity: ContentDigest,
        witness: SignerState?, progress: CopyProgress?
    ) async throws -> Report {
        let note: SignedNote
        let checkpoint: Checkpoint
        do {
            note = try SignedNote(parsing: served)
            checkpoint = try Checkpoint(parsing: note.text)
        } catch {
            throw refused([Finding("checkpoint.malformed", path: RegistryFolder.checkpointName, "\(error)")])
        }
        let head = TreeHead(size: checkpoint.size, root: checkpoint.root)
        let ownHead = own?.publishedHead ?? .empty
        try requireOrigin(checkpoint, own)
        let history = SeenHistory(registry: registry, keys: keys, own: own)
        try requireSignature(note, own)
        guard head != ownHead else {
            try IncomingFiles.finish(registry)
            return Report(from: TreeHeadText(ownHead), to: TreeHeadText(head), documents: 0)
        }
        if let own, head.size <= ownHead.size {
            throw refused(try history.behind(note, checkpoint, own: own))
        }
        if let own, let witness, own.pending?.head == head,
            (try? witness.head(origin: checkpoint.origin.text)) == head,
            try await publishPending(served, from: source, own: own, head: head)
        {
            return Report(from: TreeHeadText(ownHead), to: TreeHeadText(head), documents: 0)
        }
        // What waits here, and is not this, waits elsewhere too: whoever cosigned it remembers that.
        registry.files.remove(RegistryFolder.pendingName)
        let transfer = CopyTransfer(
            registry: registry, source: source, own: ownHead, head: head, identity: identity,
            known: own.map { [$0.fullHead].filter { $0.size <= head.size } } ?? [])
        switch try await transfer.run(published: served, progress: progress) {
        case .refused(let findings):
            throw refused(findings)
        case .inconsistent(let proved):
            throw refused([try history.forked(note, proved)])
        case .placed(let documents):
            try await judge(served, since: own, head: head)
            return Report(from: TreeHeadText(ownHead), to: TreeHeadText(head), documents: documents)
        }
    }

    /// What this witness has audited and cosigned, and the quorum has cosigned since: only the checkpoints are missing.
    ///
    /// - Returns: false where the checkpoint does not hold, for the long way to tell why.
    private func publishPending(
        _ served: [UInt8], from source: RegistrySource, own: OpenedLedger, head: TreeHead
    ) async throws -> Bool {
        guard
            let opened = try? OpenedLedger.open(registry: registry, keys: keys, checkpoint: served, now: now()),
            opened.published?.head == head
        else { return false }
        var files = IncomingFiles(registry: registry, source: source)
        try await files.fetchCheckpoints(from: own.publishedHead.size, to: head, named: [], known: served) { bytes in
            let publication = try? opened.history.judge(checkpoint: bytes) { policy throws(CheckpointFault) in
                try Publications.judge(bytes, policy: policy)
            }
            guard let publication else { return false }
            let root = try? MerkleTree.root(
                size: publication.head.size, from: registry.ledger.subtrees(size: head.size))
            return root == publication.head.root
        }
        guard files.findings.isEmpty else { return false }
        try files.place(for: head)
        try registry.files.barrier()
        try move(served, since: own, head: head)
        return true
    }

    /// Everything that came has to pass before the copy's own checkpoint moves.
    private func judge(_ served: [UInt8], since own: OpenedLedger?, head: TreeHead) async throws {
        let ownBytes = try own.map { _ in
            try Files.read(
                registry.fullPath(RegistryFolder.checkpointName), maximumBytes: SignedNote.maximumByteCount)
        }
        if let moving = try? OpenedLedger.open(registry: registry, keys: keys, checkpoint: served, now: now()) {
            // Partial tiles of trees that were only ever pending here.
            let publications = Publications(registry, history: moving.history).including(moving.published)
            try LogWriter(folder: registry.files, head: head)
                .removeUnpromised(by: publications, since: own?.publishedHead ?? .empty, pending: head)
        }
        var audit = Audit(registry: registry, keys: keys, now: now())
        audit.checkpoint = served
        let report = try await audit.run(since: ownBytes)
        guard report.verdict == .passed else {
            try undo(to: own)
            throw refused(report.findings)
        }
        try move(served, since: own, head: head)
    }

    private func move(_ served: [UInt8], since own: OpenedLedger?, head: TreeHead) throws {
        try registry.files.replace(RegistryFolder.checkpointName, with: served)
        try IncomingFiles.finish(registry)
        registry.files.remove(RegistryFolder.pendingName)
        let moved = try OpenedLedger.open(registry: registry, keys: keys, now: now())
        let writer = try LogWriter(folder: registry.files, head: head)
        try writer.removeSupersededPartials(from: own?.publishedHead.size ?? 0)
        // What was only pending here, and never published.
        let publications = Publications(registry, history: moved.history).including(moved.published)
        try writer.removeUnpromised(by: publications, since: moved.publishedHead, pending: head)
        _ = try KeysUpdate(moved).write()
    }

    /// Takes away what was placed and did not pass.
    private func undo(to own: OpenedLedger?) throws {
        let head = own?.publishedHead ?? .empty
        try IncomingFiles.undo(registry, having: [head])
        try registry.files.removeAll(IncomingTree.folder)
        try LogWriter(folder: registry.files, head: head).removeUnpromised()
    }

    private func requireOrigin(_ checkpoint: Checkpoint, _ own: OpenedLedger?) throws {
        let known =
            try own.map { [ByteString($0.constitution.log.origin)] }
            ?? keys.policy(forSize: checkpoint.size)?.policy.logs.map(\.key.name.value)
        guard let known, !known.contains(checkpoint.origin) else { return }
        throw refused([
            Finding(
                "checkpoint.origin", path: RegistryFolder.checkpointName,
                expected: known.map(\.text).joined(separator: ", "), actual: checkpoint.origin.text,
                "the checkpoint is of another log")
        ])
    }

    /// Before anything is fetched for it: by a key that the log is known to have, unless it may have a new one since.
    private func requireSignature(_ note: SignedNote, _ own: OpenedLedger?) throws {
        var policies = own.map { [$0.policy, $0.history.policy(forTreeSize: .max)] } ?? []
        if let policy = try keys.currentPolicy() { policies.append(policy) }
        guard !policies.isEmpty else { return }
        var faults: [String] = []
        var isCosigned = false
        for policy in policies {
            do {
                let evaluation = try policy.evaluate(note: note)
                guard evaluation.logs.isEmpty else { return }
                isCosigned = isCosigned || !evaluation.cosignatureTimes.isEmpty
            } catch {
                faults.append("\(error)")
            }
        }
        let names = policies.flatMap { $0.logs.map(\.key) }
        let mayBeNewKey = note.signatures.contains { line in
            names.contains { $0.name == line.name } && !names.contains { line.names($0) }
        }
        // A witness that is known has audited the change of keys.
        guard faults.isEmpty, mayBeNewKey, isCosigned else {
            throw refused([
                Finding(
                    "checkpoint.signature.missing", path: RegistryFolder.checkpointName,
                    faults.first ?? "the log has not signed the checkpoint")
            ])
        }
    }

    private func refused(_ findings: [Finding]) -> RegistryError {
        RegistryError(
            .refused,
            "the copy stays as it was: \(findings.first { $0.severity != .warning }?.words ?? "what is served does not hold")",
            hint:
                "'bitim audit' tells whether the copy here is sound; if it is, what is served at \(url) does not hold: ask "
                + "its operator",
            findings: findings)
    }
}
