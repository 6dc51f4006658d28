internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// A ledger as it was left, found sound and ready to be continued: what a process that died had begun is taken up or
/// put away.
struct ResumedLedger {
    let ledger: OpenedLedger
    let writer: LogWriter
    let fold: ResumedFold
    let certificates: CertificateStore

    /// - Throws: `RegistryError.refused` when the ledger is damaged, or not what its signers remember.
    init(_ ledger: OpenedLedger, vault: KeyVault, purpose: Registrar.Purpose, now: Int64) async throws {
        var ledger = ledger
        var signing = CheckpointSigning(ledger, ledger.history, vault: vault)
        // A party that only cosigns needs no key of the log.
        let head = signing.hasLogKey ? try Self.signedHead(ledger, signing) : ledger.fullHead
        if head.size > ledger.fullHead.size {
            // Entries that no checkpoint here speaks of may have changed the keys.
            ledger = try OpenedLedger.open(
                registry: ledger.registry, keys: ledger.keys, readingTo: head.size, now: now)
            signing = CheckpointSigning(ledger, ledger.history, vault: vault)
        }
        try Self.requireLatest(head, of: ledger)
        try Self.requireStored(ledger)
        do {
            writer = try LogWriter(folder: ledger.registry.files, head: head)
        } catch let error as LogError {
            throw Self.damage(error, head: head, ledger: ledger)
        }
        // Who only cosigns is checked on its own when it does.
        if purpose == .adding {
            try signing.logSigner()
            try signing.requireWitnesses(continue: head, of: ledger)
        }
        var current = ledger
        if head.size > ledger.fullHead.size {
            // Remembered, and then the process died: the very tree that was signed is signed again.
            _ = try signing.signAsLog(head, continuing: head)
            current = try OpenedLedger.open(
                registry: ledger.registry, keys: ledger.keys, history: ledger.history)
        }
        certificates = CertificateStore(ledger.registry)
        fold = try await ResumedFold(current, certificates, to: head, now: now)
        // Only the log's own machine knows what was never promised: to a witness it may be the tree that it waits for.
        if signing.hasLogKey {
            try writer.removeUnpromised(by: fold.publications, since: current.publishedHead, pending: head)
            // A pending checkpoint that says nothing new, or nothing at all.
            if current.pending == nil { ledger.registry.files.remove(RegistryFolder.pendingName) }
        }
        self.ledger = current
    }

    /// A backup that was laid over a registry leaves files that are newer, when memories are as old as the backup too. They
    /// are neither removed nor signed over.
    private static func requireLatest(_ head: TreeHead, of ledger: OpenedLedger) throws {
        let policy = ledger.history.policy(forTreeSize: .max)
        // Those of a copy that was on its way to a larger tree.
        let incomingSize = IncomingFiles.sizeOfBroken(ledger.registry) ?? 0
        let sizes = CheckpointSizes(ledger.registry)
        var last = max(head.size, incomingSize)
        while last < .max, let size = sizes.first(from: last + 1), let path = CheckpointPath(size: size)?.path {
            last = size
            guard
                let bytes = try? Files.read(
                    ledger.registry.fullPath(path), maximumBytes: SignedNote.maximumByteCount),
                let evaluation = try? policy.evaluate(note: SignedNote(parsing: bytes)), !evaluation.logs.isEmpty,
                evaluation.checkpoint.size == size
            else { continue }
            throw RegistryError(
                .refused, "\(path) is of a larger tree than the \(head.size) entries that are here: it signs nothing",
                hint:
                    "an older copy was put back: keep the folder as it is, then 'bitim repair' takes up what is newer, "
                    + "with --from what only another copy has",
                findings: [
                    Finding(
                        "ledger.shrunk", path: path, expected: String(size), actual: String(head.size),
                        "a larger tree was published before: entries are missing")
                ])
        }
    }

    /// The latest checkpoint is there twice: the next one takes one of the two places, and entries may speak of this tree.
    private static func requireStored(_ ledger: OpenedLedger) throws {
        guard let head = ledger.published?.head, let path = CheckpointPath(size: head.size)?.path else { return }
        let fullPath = ledger.registry.fullPath(path)
        var stored: Publication?
        do {
            let bytes = try Files.read(fullPath, maximumBytes: SignedNote.maximumByteCount)
            stored = try ledger.history.judge(checkpoint: bytes) { policy throws(CheckpointFault) in
                try Publications.judge(bytes, policy: policy)
            }
        } catch let error as FileError {
            if case .system = error.reason { throw error }
        } catch is CheckpointFault {}
        guard stored?.head != head else { return }
        throw RegistryError(
            .refused, "\(fullPath) is not the latest checkpoint, which belongs there as well",
            hint: "'bitim repair' mends it; then try again",
            findings: [
                Finding("checkpoint.missing", path: path, "the latest checkpoint is not among those that are kept")
            ])
    }

    /// The tree to go on from: what the log remembers, which must not lie behind what the registry shows.
    private static func signedHead(_ ledger: OpenedLedger, _ signing: CheckpointSigning) throws -> TreeHead {
        let remembered = try signing.logHead()
        let stored = ledger.fullHead
        guard remembered.size >= stored.size else {
            // Only what the entries here lead to is named: anybody may have put a pending checkpoint there.
            if ledger.pending != nil { try ledger.requireTree(stored) }
            throw RegistryError(
                .refused,
                "the log remembers \(remembered.size) signed entries, and the registry has \(stored.size): it signs nothing",
                hint: "restore keys/private/log.state, or say what to go on from: "
                    + "bitim keys resume log --tree \(stored.size):\(stored.root.hex)")
        }
        guard remembered.size > stored.size || remembered == stored else {
            throw RegistryError(
                .refused, "the log has signed another tree of \(stored.size) entries than the registry shows",
                hint: "this is another history: keep both copies, they are evidence")
        }
        return remembered
    }

    private static func damage(_ error: LogError, head: TreeHead, ledger: OpenedLedger) -> RegistryError {
        if head.size > ledger.fullHead.size {
            return RegistryError(
                .refused,
                "the log has signed \(head.size) entries, and the registry here has only \(ledger.fullHead.size)",
                hint: "it is an older copy: restore the newer one; a second history is never signed",
                findings: [error.finding])
        }
        return RegistryError(
            .refused, "\(ledger.registry.fullPath("ledger"))/\(error)",
            hint: "the damage is not signed over: 'bitim repair' mends it, from a copy with --from; then try again",
            findings: [error.finding])
    }
}

extension CheckpointSigning {
    /// Signers of the trees to come: every change so far is in effect for them.
    init(_ ledger: OpenedLedger, _ history: RegistryHistory, vault: KeyVault) {
        self.init(
            registry: ledger.registry, keys: ledger.keys, vault: vault, constitution: history.state.constitution,
            policy: history.policy(forTreeSize: .max))
    }
}

extension LogWriter {
    /// Removes partial tiles and bundles of trees that nobody was shown.
    func removeUnpromised(by publications: Publications, since published: TreeHead, pending head: TreeHead) throws {
        // A checkpoint that cannot be read here may still be somebody's, and its partial tiles with it: also one that is
        // found to be so only when it is asked for.
        try removeUnpromised(since: published.size) {
            let isPromised = publications.promise($0, pending: head)
            return isPromised || !publications.findings.isEmpty
        }
    }
}
