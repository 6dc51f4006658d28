internal import OpenSSLKit
internal import Registry
internal import TransparencyLog

/// Notes, trees and what goes over the network.
extension ParserProperty {
    static let evidence: [ParserProperty] = [
        ParserProperty(name: "note") { bytes throws(Violation) in
            guard let note = try? SignedNote(parsing: bytes) else { return false }
            try requireSame(note.bytes, bytes)
            let again = try? SignedNote(text: note.text, signatures: note.signatures)
            try require(again == note, "the same text and signatures are no note, or another")
            return true
        },
        ParserProperty(name: "checkpoint") { bytes throws(Violation) in
            guard let checkpoint = try? Checkpoint(parsing: bytes) else { return false }
            try requireSame(checkpoint.bytes, bytes)
            return true
        },
        ParserProperty(name: "verifier-key") { bytes throws(Violation) in
            guard let key = try? VerifierKey(parsing: bytes) else { return false }
            try requireSame(key.bytes, bytes)
            return true
        },
        ParserProperty(name: "policy", check: checkPolicy),
        ParserProperty(name: "proof") { bytes throws(Violation) in
            guard let proof = try? TLogProof(parsing: bytes) else { return false }
            try requireSame(proof.bytes, bytes)
            // Whatever it says, it is followed to its end.
            _ = try? InclusionProof(index: proof.index, size: proof.checkpoint.size, hashes: proof.hashes)
                .root(leafHash: proof.checkpoint.root)
            return true
        },
        ParserProperty(name: "pending-proof") { bytes throws(Violation) in
            guard let pending = try? PendingProof(parsing: bytes) else { return false }
            try requireSame(pending.bytes, bytes)
            return true
        },
        ParserProperty(name: "tile-path", check: checkPaths),
        ParserProperty(name: "bundle") { bytes throws(Violation) in
            // The first byte says how many entries there should be.
            guard let width = bytes.first else { return false }
            let rest = Array(bytes.dropFirst())
            guard let bundle = try? EntryBundle(parsing: rest, width: Int(width) + 1) else { return false }
            try requireSame(bundle.bytes, rest)
            try require(bundle.width == Int(width) + 1, "another number of entries")
            return true
        },
        ParserProperty(name: "evidence") { bytes throws(Violation) in
            guard let evidence = try? MisbehaviourEvidence(parsing: bytes) else { return false }
            try requireSame(evidence.bytes, bytes)
            try? evidence.verify()
            return true
        },
        ParserProperty(name: "add-checkpoint") { bytes throws(Violation) in
            guard let request = try? AddCheckpointRequest(parsing: bytes) else { return false }
            try requireSame(request.bytes, bytes)
            _ = try? ConsistencyProof(
                oldSize: request.oldSize, newSize: request.checkpoint.size, hashes: request.proof
            ).roots(oldRoot: request.checkpoint.root)
            return true
        },
        ParserProperty(name: "check-entries") { bytes throws(Violation) in
            guard let request = try? EntryCheckRequest(parsing: bytes) else { return false }
            try requireSame(request.bytes, bytes)
            return true
        },
    ]

    private static func checkPolicy(_ bytes: [UInt8]) throws(Violation) -> Bool {
        guard let policy = try? WitnessPolicy(parsing: bytes) else { return false }
        try requireSame(policy.bytes, bytes)
        let again = try? WitnessPolicy(
            logs: policy.logs, witnesses: policy.witnesses, groups: policy.groups, quorum: policy.quorum)
        try require(
            again?.logs == policy.logs && again?.witnesses == policy.witnesses && again?.groups == policy.groups
                && again?.quorum == policy.quorum, "its parts, printed, make another policy")
        let nobody = policy.need(after: [])
        try require(
            nobody.words.isEmpty == policy.isSatisfied(by: []), "who is missing does not agree with what is met")
        let everybody = Set(policy.witnesses.map(\.name))
        try require(policy.isSatisfied(by: everybody), "all witnesses together do not meet it")
        try require(
            policy.isSatisfied(by: Set(policy.quorumWitnesses.map(\.name))),
            "those who can contribute do not meet it")
        return true
    }

    private static func checkPaths(_ bytes: [UInt8]) throws(Violation) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        let tile = TilePath(path: text)
        let checkpoint = CheckpointPath(path: text)
        if let tile { try requireSame(Array(tile.path.utf8), bytes) }
        if let checkpoint { try requireSame(Array(checkpoint.path.utf8), bytes) }
        try require(tile == nil || checkpoint == nil, "it is the path of two things")
        return tile != nil || checkpoint != nil
    }
}
