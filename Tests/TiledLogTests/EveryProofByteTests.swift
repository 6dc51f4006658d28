import Foundation
import OpenSSLKit
import Support
import Testing
import TiledLog
import TransparencyLog

/// Every byte of every proof: of each entry of logs of all sizes from 1 to 300 when it is to be exhaustive (`make proofs`),
/// of small ones otherwise.
@Suite struct EveryProofByteTests {
    private static let largest = Campaign.isWhole ? 300 : 12

    /// All proofs of one size.
    private struct Size: Sendable {
        let note: SignedNote
        /// Of each entry, by its index.
        let proofs: [TLogProof]
        let entries: [[UInt8]]
    }

    @Test func `No proof verifies after a change of any byte of it or of its entry`() async throws {
        let trees = try SignedTrees(origin: "example.com/registry")
        let disk = ScratchLog()
        var sizes: [Size] = []
        for size in 1...Self.largest {
            try disk.grow(by: 1)
            let note = try trees.note(disk.head)
            let source = SignedTrees.source(disk.reader, size: Int64(size))
            let proofs = try (0..<Int64(size)).map { index in
                try TLogProof(
                    index: index, hashes: InclusionProof(index: index, size: Int64(size), from: source).hashes,
                    note: note)
            }
            sizes.append(Size(note: note, proofs: proofs, entries: disk.entries))
        }
        // The largest first: they take longest.
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for size in sizes.reversed() {
                group.addTask {
                    let count =
                        try Self.changeNote(size, trees) + Self.changeEntries(size) + Self.changeFronts(size, trees)
                    // It takes long: how far it is.
                    if Campaign.isWhole {
                        try? FileHandle.standardError.write(
                            contentsOf: Data("size \(size.entries.count): \(count) changes, none verifies\n".utf8))
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(counts > 1000 * Self.largest)
    }

    /// The checkpoint with its signatures is the same in all proofs of a size: its bytes are changed in one of them.
    private static func changeNote(_ size: Size, _ trees: SignedTrees) throws -> Int {
        let proof = size.proofs[size.proofs.count / 2]
        let leafHash = MerkleTree.leafHash(size.entries[Int(proof.index)])
        let bytes = proof.bytes
        #expect(trees.verifies(bytes, leafHash))
        let start = bytes.count - size.note.bytes.count
        for position in start..<bytes.count {
            var changed = bytes
            changed[position] ^= UInt8(1 << (position % 8))
            #expect(!trees.verifies(changed, leafHash), "byte \(position) at size \(size.entries.count)")
        }
        return bytes.count - start
    }

    /// The proof stays as it is, and so do its signatures: only the leaf hash is another.
    private static func changeEntries(_ size: Size) throws -> Int {
        var count = 0
        for (proof, entry) in zip(size.proofs, size.entries) {
            try inclusion(proof).verify(leafHash: MerkleTree.leafHash(entry), root: proof.checkpoint.root)
            for position in entry.indices {
                var changed = entry
                changed[position] ^= UInt8(1 << (position % 8))
                count += 1
                guard holds(proof, MerkleTree.leafHash(changed)) else { continue }
                Issue.record("entry \(proof.index) of \(size.entries.count), byte \(position)")
            }
        }
        return count
    }

    /// What stands before the checkpoint: the first line, the index, the hashes.
    private static func changeFronts(_ size: Size, _ trees: SignedTrees) throws -> Int {
        var count = 0
        for (proof, entry) in zip(size.proofs, size.entries) {
            let leafHash = MerkleTree.leafHash(entry)
            var bytes = proof.bytes
            for position in 0..<(bytes.count - size.note.bytes.count) {
                let bit = UInt8(1 << ((position + Int(proof.index)) % 8))
                bytes[position] ^= bit
                defer { bytes[position] ^= bit }
                count += 1
                guard let read = try? TLogProof(parsing: bytes) else { continue }
                // The signatures under this very checkpoint are known to be good: the rest must fail without them.
                // Not #expect, which costs more than the proof.
                guard read.note == size.note ? holds(read, leafHash) : trees.verifies(bytes, leafHash) else { continue }
                Issue.record("byte \(position) of the proof of entry \(proof.index) of \(size.entries.count)")
            }
        }
        return count
    }

    private static func inclusion(_ proof: TLogProof) -> InclusionProof {
        InclusionProof(index: proof.index, size: proof.checkpoint.size, hashes: proof.hashes)
    }

    private static func holds(_ proof: TLogProof, _ leafHash: SHA256Digest) -> Bool {
        (try? inclusion(proof).verify(leafHash: leafHash, root: proof.checkpoint.root)) != nil
    }
}
