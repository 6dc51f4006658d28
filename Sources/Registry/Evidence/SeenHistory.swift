internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// What somebody who holds a copy says of a checkpoint that the copy does not lead to: an older one, or another history,
/// of which the evidence is kept.
struct SeenHistory {
    let registry: RegistryFolder
    let keys: KeysFolder
    /// The copy; nil for one that has nothing yet.
    let own: OpenedLedger?

    /// Of a tree that is not larger than the copy's own, and not the same.
    func behind(_ note: SignedNote, _ checkpoint: Checkpoint, own: OpenedLedger) throws -> [Finding] {
        let ownHead = own.fullHead
        let source = registry.ledger.subtrees(size: ownHead.size)
        if checkpoint.size < ownHead.size,
            checkpoint.size == 0 || (try? MerkleTree.root(size: checkpoint.size, from: source)) == checkpoint.root
        {
            return [
                Finding(
                    "ledger.shrunk", path: RegistryFolder.checkpointName, expected: "at least \(ownHead.size)",
                    actual: String(checkpoint.size),
                    "a larger tree was served before: this one is older, and entries are missing")
            ]
        }
        let kept = try ownNotes().last { kept in
            let own = try Checkpoint(parsing: kept.text)
            return TreeHead(size: own.size, root: own.root) == ownHead
        }
        return [try forked(note, from: kept, source)]
    }

    /// Of a tree that is larger, and does not continue the copy's own.
    func forked(_ note: SignedNote, _ tiles: ProvedTiles) throws -> Finding {
        let kept = try ownNotes().last { kept in
            let checkpoint = try Checkpoint(parsing: kept.text)
            guard checkpoint.size <= tiles.head.size else { return false }
            return try tiles.root(size: checkpoint.size) != checkpoint.root
        }
        return try forked(note, from: kept) { try tiles.subtree(level: $0, index: $1) }
    }

    /// Of a tree that the log itself has sent a proof for, where that proof shows it; nil otherwise.
    func forked(_ note: SignedNote, sentProof: [SHA256Digest]) throws -> Finding? {
        guard let kept = try ownNotes().last, isSigned(note), isSigned(kept),
            let evidence = MisbehaviourEvidence(kept, note, keys: logKeys, sentProof: sentProof)
        else { return nil }
        return EvidenceFile.finding(evidence, path: try EvidenceFile.keep(evidence, in: registry.files))
    }

    private func forked(
        _ note: SignedNote, from kept: SignedNote?, _ source: @escaping SubtreeSource
    ) throws -> Finding {
        let fallback = Finding(
            EvidenceFile.forkedKey, path: RegistryFolder.checkpointName,
            "what is served is another history than the copy's; that the log has signed both cannot be shown")
        guard let kept, isSigned(note), isSigned(kept),
            let evidence = try? MisbehaviourEvidence(kept, note, keys: logKeys, source: source)
        else { return fallback }
        let path = try EvidenceFile.keep(evidence, in: registry.files)
        return EvidenceFile.finding(evidence, path: path)
    }

    /// The log's checkpoints that the copy rests on, the largest last.
    private func ownNotes() throws -> [SignedNote] {
        try [RegistryFolder.checkpointName, RegistryFolder.cosignedName, RegistryFolder.pendingName].compactMap {
            name in
            guard let bytes = try? Files.read(registry.fullPath(name), maximumBytes: SignedNote.maximumByteCount) else {
                return nil
            }
            return try SignedNote(parsing: bytes)
        }.sorted { try Checkpoint(parsing: $0.text).size < Checkpoint(parsing: $1.text).size }
    }

    private func policies(of note: SignedNote? = nil) -> [WitnessPolicy] {
        [
            note.flatMap { own?.history.policy(forCheckpoint: $0.bytes) }, own?.policy,
            own?.history.policy(forTreeSize: .max),
        ]
        .compactMap { $0 }
    }

    private var logKeys: [VerifierKey] { policies().flatMap { $0.logs.map(\.key) } }

    /// Whether a log that is trusted for it has signed the note.
    private func isSigned(_ note: SignedNote) -> Bool {
        policies(of: note).contains { policy in
            ((try? policy.evaluate(note: note))?.logs.isEmpty ?? true) == false
        }
    }
}
