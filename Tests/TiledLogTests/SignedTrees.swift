import OpenSSLKit
import Testing
import TiledLog
import TransparencyLog

/// Checkpoints of trees as a log signs them, with two witnesses that both have to cosign.
struct SignedTrees: Sendable {
    private let origin: String
    private let log: NoteSigner
    private let witnesses: [Cosigner]
    let policy: WitnessPolicy

    init(origin: String) throws {
        self.origin = origin
        log = try NoteSigner(name: #require(KeyName(origin)), key: .generateEd25519())
        witnesses = try ["example.com/a", "example.com/b"].map {
            try Cosigner(name: #require(KeyName($0)), key: .generateEd25519())
        }
        policy = try WitnessPolicy(
            logs: [.init(key: log.verifierKey)],
            witnesses: witnesses.map { .init(name: $0.name.value, key: $0.verifierKey) },
            groups: [.init(name: "both", threshold: 2, members: witnesses.map(\.name.value))], quorum: "both")
    }

    func note(_ head: TreeHead) throws -> SignedNote {
        let checkpoint = try Checkpoint(origin: ByteString(origin), size: head.size, root: head.root)
        return try SignedNote(
            text: checkpoint.bytes,
            signatures: [try log.sign(checkpoint.bytes)]
                + witnesses.map { try $0.sign(checkpoint, time: 1_700_000_000 + head.size) })
    }

    /// Each subtree is read from the tiles once, however many proofs need it.
    static func source(_ reader: LogReader, size: Int64) -> SubtreeSource {
        let subtrees = reader.subtrees(size: size)
        var known: [[Int64]: SHA256Digest] = [:]
        return { level, index in
            if let hash = known[[Int64(level), index]] { return hash }
            let hash = try subtrees(level, index)
            known[[Int64(level), index]] = hash
            return hash
        }
    }

    func verifies(_ bytes: [UInt8], _ leafHash: SHA256Digest) -> Bool {
        guard let proof = try? TLogProof(parsing: bytes) else { return false }
        return (try? proof.verify(leafHash: leafHash, policy: policy, unknownSignatures: .refused)) != nil
    }
}
