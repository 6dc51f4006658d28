package import OpenSSLKit

/// That a log has signed two histories: two checkpoints of one origin, and why no tree can have both.
///
///     bitim-evidence 1
///     first 321
///     second 321
///     6r1N…                        0..64 hashes
///
///     (321 bytes of the first checkpoint)(321 bytes of the second one)
///
/// Of equal sizes with two roots there is nothing to prove. Otherwise the hashes are a consistency proof (RFC 6962, 2.1.2)
/// as the *second* tree gives it, always with its first node, which the RFC leaves out where the first size is a power of
/// two. They lead to the second root, so that they are hashes of the second tree, and from its beginning to another root
/// than the first: the failed proof.
package struct MisbehaviourEvidence: Hashable, Sendable {
    package static let maximumByteCount = 2 * SignedNote.maximumByteCount + 4096
    package static let fileExtension = "evidence"
    private static let header = "bitim-evidence 1"
    private static let maximumHashCount = 64

    package enum Fault: Error, Hashable, CustomStringConvertible {
        case malformed(String)
        case checkpoint(CheckpointError)
        case note(SignedNoteError)
        case otherOrigin
        /// The two are of one history, or nothing shows that they are not.
        case notInconsistent(String)

        package var description: String {
            switch self {
            case .malformed(let why): "not an evidence file: \(why)"
            case .checkpoint(let error): "a note in it is no checkpoint: \(error)"
            case .note(let error): "a checkpoint in it is no signed note: \(error)"
            case .otherOrigin: "the two checkpoints are of different logs"
            case .notInconsistent(let why): "the two checkpoints are not shown to be inconsistent: \(why)"
            }
        }
    }

    /// Of the smaller tree.
    package let first: SignedNote
    package let second: SignedNote
    package let hashes: [SHA256Digest]
    package let firstCheckpoint: Checkpoint
    package let secondCheckpoint: Checkpoint

    /// - Parameters:
    ///   - keys: of the log: what is under the checkpoints by other keys is no part of the evidence.
    ///   - source: hashes of the larger of the two trees; nil where both are of one size.
    /// - Throws: `Fault.notInconsistent` where it is no evidence, and what `source` throws.
    package init(_ one: SignedNote, _ other: SignedNote, keys: [VerifierKey], source: SubtreeSource?) throws {
        let (one, other) = (try Self.logsOwn(one, keys), try Self.logsOwn(other, keys))
        let sizes = try [one, other].map { try Checkpoint(parsing: $0.text).size }
        let (first, second) = sizes[0] <= sizes[1] ? (one, other) : (other, one)
        var hashes: [SHA256Digest] = []
        if let source, let oldSize = sizes.min(), let newSize = sizes.max(), oldSize < newSize, oldSize > 0 {
            hashes = try ConsistencyProof(oldSize: oldSize, newSize: newSize, from: source).hashes
            if ConsistencyProof.startsAtOldRoot(oldSize) {
                hashes.insert(try MerkleTree.root(size: oldSize, from: source), at: 0)
            }
        }
        try self.init(first: first, second: second, hashes: hashes)
        try verify()
    }

    /// From a proof that a log itself has sent, where it leads to the second root and not to the first.
    ///
    /// - Returns: nil where it shows nothing.
    package init?(_ first: SignedNote, _ second: SignedNote, keys: [VerifierKey], sentProof: [SHA256Digest]) {
        guard let one = try? Self.logsOwn(first, keys), let other = try? Self.logsOwn(second, keys),
            let evidence = try? Self(first: one, second: other, hashes: sentProof),
            (try? evidence.verify()) != nil
        else { return nil }
        self = evidence
    }

    /// Under the log's signatures alone: who else signed is no part of it.
    private static func logsOwn(_ note: SignedNote, _ keys: [VerifierKey]) throws -> SignedNote {
        try SignedNote(
            text: note.text, signatures: note.signatures.filter { line in keys.contains { line.names($0) } })
    }

    private init(first: SignedNote, second: SignedNote, hashes: [SHA256Digest]) throws(Fault) {
        self.first = first
        self.second = second
        self.hashes = hashes
        do {
            firstCheckpoint = try Checkpoint(parsing: first.text)
            secondCheckpoint = try Checkpoint(parsing: second.text)
        } catch { throw .checkpoint(error) }
    }

    package init(parsing bytes: [UInt8]) throws(Fault) {
        guard bytes.count <= Self.maximumByteCount else { throw .malformed("it is too long") }
        var rest = bytes[...]
        func line() throws(Fault) -> ArraySlice<UInt8> {
            guard let end = rest.firstIndex(of: 0x0A) else { throw .malformed("it is cut short") }
            defer { rest = rest[(end + 1)...] }
            return rest[..<end]
        }
        func count(_ name: String) throws(Fault) -> Int {
            let text = try line()
            guard text.starts(with: Array("\(name) ".utf8)),
                let count = DecimalNumber.parse(text.dropFirst(name.utf8.count + 1)), count > 0, count <= bytes.count
            else { throw .malformed("no length of the \(name) checkpoint") }
            return Int(count)
        }
        guard try line().elementsEqual(Self.header.utf8) else { throw .malformed("it begins otherwise") }
        let (firstCount, secondCount) = (try count("first"), try count("second"))
        var hashes: [SHA256Digest] = []
        while true {
            let next = try line()
            if next.isEmpty { break }
            guard hashes.count < Self.maximumHashCount, let hash = Base64.decode(next).flatMap({ SHA256Digest($0) })
            else { throw .malformed("a line of the proof is no hash") }
            hashes.append(hash)
        }
        guard rest.count == firstCount + secondCount else { throw .malformed("its lengths are not those that it says") }
        let first: SignedNote
        let second: SignedNote
        do {
            first = try SignedNote(parsing: Array(rest.prefix(firstCount)))
            second = try SignedNote(parsing: Array(rest.dropFirst(firstCount)))
        } catch { throw .note(error) }
        try self.init(first: first, second: second, hashes: hashes)
    }

    package var bytes: [UInt8] {
        let (first, second) = (first.bytes, second.bytes)
        return Array("\(Self.header)\nfirst \(first.count)\nsecond \(second.count)\n".utf8)
            + hashes.flatMap { Base64.encode($0.bytes) + [0x0A] } + [0x0A] + first + second
    }

    /// That no tree has both roots. Who signed the checkpoints is for the caller to verify.
    package func verify() throws(Fault) {
        guard firstCheckpoint.origin == secondCheckpoint.origin else { throw .otherOrigin }
        let (old, new) = (firstCheckpoint, secondCheckpoint)
        guard old.size <= new.size else { throw .malformed("the larger tree comes first") }
        guard old.size < new.size else {
            guard hashes.isEmpty else { throw .malformed("between trees of one size there is no proof") }
            guard old.root != new.root else { throw .notInconsistent("they are of one tree") }
            return
        }
        guard old.size > 0, let start = hashes.first else { throw .notInconsistent("there is no proof") }
        let startsAtOldRoot = ConsistencyProof.startsAtOldRoot(old.size)
        let proof = ConsistencyProof(
            oldSize: old.size, newSize: new.size, hashes: startsAtOldRoot ? Array(hashes.dropFirst()) : hashes)
        let roots: (old: SHA256Digest, new: SHA256Digest)
        do { roots = try proof.roots(oldRoot: start) } catch { throw .notInconsistent("\(error)") }
        guard roots.new == new.root else {
            throw .notInconsistent("the proof does not lead to the second tree's root")
        }
        guard roots.old != old.root else { throw .notInconsistent("the second tree continues the first") }
    }
}
