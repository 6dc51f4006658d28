internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// A checkpoint that an auditor kept, held against the ledger at hand: whether the ledger continues it.
struct KeptCheckpoint {
    /// The tree that the ledger is proved to continue; nil when it is not.
    private(set) var proved: TreeHead?
    /// Why not.
    private(set) var findings: [Finding] = []
    /// Where the log has signed both it and another history.
    private(set) var evidence: MisbehaviourEvidence?

    init(_ bytes: [UInt8], ledger: OpenedLedger) {
        do throws(CheckpointFault) {
            let origins = [ledger.constitution.log.origin]
            let head = try ledger.history.judge(checkpoint: bytes) { policy throws(CheckpointFault) in
                try Self.judge(bytes, origins: origins, policy: policy).head
            }
            findings = Self.contradictions(of: head, ledger: ledger)
            if findings.isEmpty { proved = head }
            if findings.contains(where: { $0.key == "since.forked" }) {
                evidence = Self.evidence(bytes, ledger: ledger)
            }
        } catch {
            findings = [error.finding(path: nil)]
        }
    }

    /// Signed by this registry's log and cosigned by its quorum: two registries of one origin have other keys.
    ///
    /// - Parameter origins: of the logs that it may be of.
    static func judge(
        _ bytes: [UInt8], origins: [String], policy: WitnessPolicy
    ) throws(CheckpointFault) -> (head: TreeHead, origin: String) {
        let checkpoint: Checkpoint
        do {
            checkpoint = try Checkpoint(parsing: SignedNote(parsing: bytes).text)
        } catch {
            throw CheckpointFault("since.malformed", "the kept file is not a checkpoint: \(error)")
        }
        guard let origin = origins.first(where: { checkpoint.origin == ByteString($0) }) else {
            throw CheckpointFault(
                "since.origin",
                "the kept checkpoint is of another log: \(checkpoint.origin), not \(origins.joined(separator: ", "))")
        }
        do throws(CheckpointFault) {
            let publication = try Publications.judge(bytes, policy: policy)
            guard publication.head.size > 0 else {
                throw CheckpointFault("checkpoint.malformed", "it is of a tree without entries")
            }
            return (publication.head, origin)
        } catch {
            let key =
                switch error.key {
                case "checkpoint.quorum.missing": "since.quorum"
                case "checkpoint.malformed", "checkpoint.extension": "since.malformed"
                default: "since.signature"
                }
            throw error.named(key, "the kept checkpoint does not hold: \(error)")
        }
    }

    private static func evidence(_ bytes: [UInt8], ledger: OpenedLedger) -> MisbehaviourEvidence? {
        let path = ledger.registry.fullPath(RegistryFolder.checkpointName)
        guard let kept = try? SignedNote(parsing: bytes),
            let present = (try? Files.read(path, maximumBytes: SignedNote.maximumByteCount))
                .flatMap({ try? SignedNote(parsing: $0) })
        else { return nil }
        return try? MisbehaviourEvidence(
            kept, present, keys: (ledger.policy.logs + ledger.history.policy(forCheckpoint: bytes).logs).map(\.key),
            source: ledger.registry.ledger.subtrees(size: ledger.publishedHead.size))
    }

    private static func contradictions(of kept: TreeHead, ledger: OpenedLedger) -> [Finding] {
        let present = ledger.publishedHead
        guard kept.size <= present.size else {
            return [
                Finding(
                    "since.shrunk", path: RegistryFolder.checkpointName, expected: "at least \(kept.size)",
                    actual: String(present.size),
                    "the ledger has fewer entries than the kept checkpoint: entries are missing")
            ]
        }
        let source = ledger.registry.ledger.subtrees(size: present.size)
        do {
            try ConsistencyProof(oldSize: kept.size, newSize: present.size, from: source)
                .verify(oldRoot: kept.root, newRoot: present.root)
            return []
        } catch {
            // Damaged tiles prove nothing, neither that the ledger continues the checkpoint nor that it does not.
            guard let root = try? MerkleTree.root(size: kept.size, from: source), root != kept.root,
                (try? MerkleTree.root(size: present.size, from: source)) == present.root
            else {
                return [
                    Finding(
                        "since.unproved", path: "ledger",
                        "the tiles do not prove that the ledger continues the kept checkpoint: \(error)")
                ]
            }
            return [
                Finding(
                    "since.forked", path: RegistryFolder.checkpointName, expected: kept.root.hex, actual: root.hex,
                    "the ledger does not continue the kept checkpoint: its first \(kept.size) entries are others. "
                        + "Keep both: they are evidence of two histories")
            ]
        }
    }
}
