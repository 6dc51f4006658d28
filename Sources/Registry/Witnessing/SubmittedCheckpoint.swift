internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// A request to cosign, and the checks that every witness makes of it, in the order of tlog-witness, add-checkpoint.
struct SubmittedCheckpoint {
    let request: AddCheckpointRequest

    var head: TreeHead { TreeHead(size: request.checkpoint.size, root: request.checkpoint.root) }
    var origin: String { request.checkpoint.origin.text }

    /// - Parameter keys: the log keys that are trusted for an origin; nil where the origin is not known.
    init(_ bytes: [UInt8], keys: (ByteString) -> [VerifierKey]?) throws(WitnessRefusal) {
        do throws(AddCheckpointRequest.Fault) {
            request = try AddCheckpointRequest(parsing: bytes)
        } catch {
            // An empty tree with another root is a checkpoint that somebody has signed: that is looked at first.
            guard case .checkpoint(.badEmptyRoot) = error, let note = Self.note(in: bytes) else {
                throw WitnessRefusal(.malformed, "\(error)")
            }
            let origin = ByteString(note.text.prefix { $0 != 0x0A })
            guard let known = keys(origin) else { throw Self.unknown(origin) }
            try Self.requireSigned(note, known)
            throw WitnessRefusal(.inconsistent, "\(error)")
        }
    }

    /// The note at the end of a request that is otherwise well-formed.
    private static func note(in bytes: [UInt8]) -> SignedNote? {
        guard let start = bytes.indices.dropFirst().first(where: { bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A }) else {
            return nil
        }
        return try? SignedNote(parsing: Array(bytes[(start + 1)...]))
    }

    static func unknown(_ origin: ByteString) -> WitnessRefusal {
        WitnessRefusal(.unknownOrigin, "the origin \(origin.text) is not witnessed here")
    }

    /// A signature by a key that is trusted, and none by one of them that does not verify; unknown keys are ignored.
    static func requireSigned(_ note: SignedNote, _ keys: [VerifierKey]) throws(WitnessRefusal) {
        do {
            _ = try note.verify(with: keys)
        } catch {
            throw WitnessRefusal(.unsigned, "\(error)")
        }
    }

    /// - Throws: where the request contradicts itself.
    func requireOrder() throws(WitnessRefusal) {
        guard request.oldSize <= head.size else {
            throw WitnessRefusal(
                .malformed, "the old size \(request.oldSize) is larger than the checkpoint's, \(head.size)")
        }
    }

    /// - Parameter last: the tree that was cosigned last, whose size is the request's old size.
    func requireConsistent(with last: TreeHead) throws(WitnessRefusal) {
        if last.size == 0 {
            guard request.proof.isEmpty else {
                throw WitnessRefusal(.inconsistent, "from a tree without entries there is no proof to send")
            }
            return
        }
        guard head.size > last.size else {
            guard head.root == last.root else {
                throw WitnessRefusal(.inconsistent, "another tree of \(head.size) entries was cosigned")
            }
            guard request.proof.isEmpty else {
                throw WitnessRefusal(.inconsistent, "between trees of one size there is no proof to send")
            }
            return
        }
        do {
            try ConsistencyProof(oldSize: last.size, newSize: head.size, hashes: request.proof)
                .verify(oldRoot: last.root, newRoot: head.root)
        } catch {
            throw WitnessRefusal(
                .inconsistent,
                "the checkpoint is not shown to continue the \(last.size) entries cosigned last: \(error)")
        }
    }

    /// What a witness keeps of it: the checkpoint under the signatures that it has verified.
    func note(signedBy keys: [VerifierKey]) throws(SignedNoteError) -> SignedNote {
        try SignedNote(
            text: request.note.text,
            signatures: request.note.signatures.filter { line in keys.contains { line.names($0) } })
    }
}
