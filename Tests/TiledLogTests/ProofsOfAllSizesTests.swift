import OpenSSLKit
import Support
import Testing
import TiledLog
import TransparencyLog

/// A proof of every entry of logs of all sizes from 1 to 300, made from the tiles on disk as they are at that size.
@Suite struct ProofsOfAllSizesTests {
    private static let largest = 300
    private static let origin = "example.com/registry"

    private let trees: SignedTrees

    init() throws { trees = try SignedTrees(origin: Self.origin) }

    @Test func `A proof of each entry verifies, and none does after a change of any part`() throws {
        let disk = ScratchLog()
        var proved = 0
        for size in 1...Self.largest {
            try disk.grow(by: 1)
            let note = try trees.note(disk.head)
            let source = SignedTrees.source(disk.reader, size: Int64(size))
            for index in 0..<size {
                let inclusion = try InclusionProof(index: Int64(index), size: Int64(size), from: source)
                try inclusion.verify(leafHash: MerkleTree.leafHash(disk.entries[index]), root: disk.head.root)
                proved += 1
            }
            // With all signatures, as a file: the last, or one that is another at every size.
            let index = size.isMultiple(of: 2) ? size - 1 : size * size / 3 % size
            let inclusion = try InclusionProof(index: Int64(index), size: Int64(size), from: source)
            let proof = try TLogProof(index: Int64(index), hashes: inclusion.hashes, note: note)
            try requireSound(proof, entry: disk.entries[index])
        }
        #expect(proved == Self.largest * (Self.largest + 1) / 2)
    }

    private func requireSound(_ proof: TLogProof, entry: [UInt8]) throws {
        let leafHash = MerkleTree.leafHash(entry)
        let bytes = proof.bytes
        let size = proof.checkpoint.size
        #expect(trees.verifies(bytes, leafHash))
        // entry
        for position in entry.indices.filter({ $0 % 16 == Int(size) % 16 }) {
            var changed = entry
            changed[position] ^= 1
            #expect(!trees.verifies(bytes, MerkleTree.leafHash(changed)), "entry of \(size)")
        }
        #expect(!trees.verifies(bytes, MerkleTree.leafHash(entry + [0])))
        // index, and the number of hashes
        for index in [proof.index - 1, proof.index + 1, size, .max] where index >= 0 {
            let other = try TLogProof(index: index, hashes: proof.hashes, note: proof.note)
            #expect(!trees.verifies(other.bytes, leafHash), "index \(index) of \(size)")
        }
        #expect(
            !trees.verifies(
                try TLogProof(index: proof.index, hashes: proof.hashes + [leafHash], note: proof.note).bytes, leafHash))
        // each hash
        for number in proof.hashes.indices {
            var hashes = proof.hashes
            hashes[number] = MerkleTree.nodeHash(hashes[number], hashes[number])
            #expect(
                !trees.verifies(try TLogProof(index: proof.index, hashes: hashes, note: proof.note).bytes, leafHash))
        }
        // size, root and origin, under the signatures that are there
        for text in [
            try Checkpoint(origin: ByteString(Self.origin), size: size + 1, root: proof.checkpoint.root),
            try Checkpoint(
                origin: ByteString(Self.origin), size: size,
                root: leafHash == proof.checkpoint.root ? MerkleTree.emptyRoot : leafHash),
            try Checkpoint(origin: "example.com/another", size: size, root: proof.checkpoint.root),
        ] {
            let other = try SignedNote(text: text.bytes, signatures: proof.note.signatures)
            #expect(
                !trees.verifies(try TLogProof(index: proof.index, hashes: proof.hashes, note: other).bytes, leafHash))
        }
        // signatures
        for number in proof.note.signatures.indices {
            var fewer = proof.note.signatures
            fewer.remove(at: number)
            let other = try SignedNote(text: proof.note.text, signatures: fewer)
            #expect(
                !trees.verifies(try TLogProof(index: proof.index, hashes: proof.hashes, note: other).bytes, leafHash))
        }
        // any byte of the file: some at every size, all at a few
        let step = [2, 7, 256, 300].contains(size) ? 1 : 97
        for position in stride(from: Int(size) % step, to: bytes.count, by: step) {
            var changed = bytes
            changed[position] ^= UInt8(1 << (position % 8))
            #expect(!trees.verifies(changed, leafHash), "byte \(position) of a proof at size \(size)")
        }
    }
}
