import OpenSSLKit
import Testing
import TransparencyLog

@Suite("Merkle trees and proofs")
struct MerkleProofTests {
    private static let leafCount = 300
    private let leaves = (0..<leafCount).map { leaf($0) }

    @Test("The roots are those of the test leaves of certificate transparency")
    func knownRoots() throws {
        let leaves: [[UInt8]] = [
            [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], Array(0x40...0x43), Array(0x50...0x57), Array(0x60...0x6F),
        ]
        var range = CompactRange()
        #expect(range.root.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(range.root == MerkleTree.emptyRoot)
        for leaf in leaves { try range.append(MerkleTree.leafHash(leaf)) }
        #expect(range.root.hex == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
        #expect(MerkleTree.leafHash([]).hex == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
        #expect(MerkleTree.root(of: leaves.map { MerkleTree.leafHash($0) }) == range.root)
    }

    @Test("A compact range agrees with RFC 6962 at every size, and reads back from its parts")
    func compactRange() throws {
        let reference = ReferenceTree(leaves: leaves)
        let source = PerfectSubtrees(leaves: leaves).source
        var hasher = SHA256Hasher()
        var range = CompactRange()
        for size in 0...leaves.count {
            let root = range.root(using: &hasher)
            #expect(root.bytes == reference.root(0..<size))
            #expect(range.size == Int64(size))
            #expect(CompactRange(size: range.size, hashes: range.hashes) == range)
            #expect(try CompactRange(size: Int64(size), from: source) == range)
            #expect(try MerkleTree.root(size: Int64(size), from: source) == root)
            #expect(MerkleTree.root(of: leaves[..<size].map { MerkleTree.leafHash($0) }) == root)
            if size < leaves.count { try range.append(MerkleTree.leafHash(leaves[size]), using: &hasher) }
        }
    }

    @Test("A compact range is refused with a wrong number of hashes", arguments: [-1, 0, 1, 6, 7, Int64.max])
    func compactRangeCount(size: Int64) {
        let hash = MerkleTree.emptyRoot
        for count in 0...64 where size < 0 || count != size.nonzeroBitCount {
            #expect(CompactRange(size: size, hashes: Array(repeating: hash, count: count)) == nil)
        }
    }

    @Test("A tree of 2^63 - 1 leaves takes no more, and stays as it is")
    func fullTree() throws {
        var range = try #require(CompactRange(size: .max, hashes: Array(repeating: MerkleTree.emptyRoot, count: 63)))
        let before = range
        #expect(throws: MerkleProofError.sizeOutOfRange) { try range.append(MerkleTree.emptyRoot) }
        #expect(range == before)
    }

    @Test("All inclusion proofs up to 300 leaves are those of RFC 6962, and verify")
    func inclusion() throws {
        let reference = ReferenceTree(leaves: leaves)
        let source = PerfectSubtrees(leaves: leaves).source
        let leafHashes = leaves.map { MerkleTree.leafHash($0) }
        var wrong: [(Int, Int)] = []
        for size in 1...leaves.count {
            let root = try #require(SHA256Digest(reference.root(0..<size)))
            for index in 0..<size {
                let proof = try InclusionProof(index: Int64(index), size: Int64(size), from: source)
                let isRight = proof.hashes.map(\.bytes) == reference.path(index, 0..<size)
                let verifies = (try? proof.verify(leafHash: leafHashes[index], root: root)) != nil
                if !isRight || !verifies { wrong.append((index, size)) }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test("All consistency proofs up to 300 leaves are those of RFC 6962, and verify")
    func consistency() throws {
        let reference = ReferenceTree(leaves: leaves)
        let source = PerfectSubtrees(leaves: leaves).source
        let roots = (0...leaves.count).compactMap { SHA256Digest(reference.root(0..<$0)) }
        var wrong: [(Int, Int)] = []
        for newSize in 1...leaves.count {
            for oldSize in 1...newSize {
                let proof = try ConsistencyProof(oldSize: Int64(oldSize), newSize: Int64(newSize), from: source)
                let isRight = proof.hashes.map(\.bytes) == reference.subproof(oldSize, 0..<newSize, true)
                let verifies = (try? proof.verify(oldRoot: roots[oldSize], newRoot: roots[newSize])) != nil
                if !isRight || !verifies { wrong.append((oldSize, newSize)) }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test("An inclusion proof with one fault does not verify", arguments: [1, 2, 3, 7, 8, 21, 64, 65])
    func inclusionFaults(size: Int64) throws {
        let source = PerfectSubtrees(leaves: leaves).source
        let root = try MerkleTree.root(size: size, from: source)
        for index in 0..<size {
            let hashes = try InclusionProof(index: index, size: size, from: source).hashes
            let leafHash = MerkleTree.leafHash(leaves[Int(index)])
            func fails(_ hashes: [SHA256Digest], index: Int64 = index, size: Int64 = size) -> Bool {
                let proof = InclusionProof(index: index, size: size, hashes: hashes)
                return (try? proof.verify(leafHash: leafHash, root: root)) == nil
            }
            #expect(!fails(hashes))
            #expect(fails(hashes + [root]))
            #expect(fails([root] + hashes))
            if !hashes.isEmpty { #expect(fails(Array(hashes.dropLast()))) }
            for position in hashes.indices {
                var changed = hashes
                changed[position] = leafHash
                #expect(changed == hashes || fails(changed))
            }
            for other in 0..<size where other != index { #expect(fails(hashes, index: other)) }
            #expect(fails(hashes, index: -1))
            #expect(fails(hashes, index: size))
            #expect(fails(hashes, index: index, size: -size))
        }
    }

    @Test("A consistency proof with one fault does not verify", arguments: [1, 2, 3, 7, 8, 21, 64, 65])
    func consistencyFaults(newSize: Int64) throws {
        let source = PerfectSubtrees(leaves: leaves).source
        let newRoot = try MerkleTree.root(size: newSize, from: source)
        for oldSize in 1...newSize {
            let hashes = try ConsistencyProof(oldSize: oldSize, newSize: newSize, from: source).hashes
            let oldRoot = try MerkleTree.root(size: oldSize, from: source)
            func fails(_ hashes: [SHA256Digest], _ oldRoot: SHA256Digest, _ newRoot: SHA256Digest) -> Bool {
                let proof = ConsistencyProof(oldSize: oldSize, newSize: newSize, hashes: hashes)
                return (try? proof.verify(oldRoot: oldRoot, newRoot: newRoot)) == nil
            }
            #expect(!fails(hashes, oldRoot, newRoot))
            #expect(fails(hashes + [newRoot], oldRoot, newRoot))
            #expect(fails([oldRoot] + hashes, oldRoot, newRoot))
            if !hashes.isEmpty { #expect(fails(Array(hashes.dropLast()), oldRoot, newRoot)) }
            #expect(fails(hashes, MerkleTree.emptyRoot, newRoot))
            #expect(fails(hashes, oldRoot, MerkleTree.emptyRoot))
            for position in hashes.indices {
                var changed = hashes
                changed[position] = MerkleTree.emptyRoot
                #expect(fails(changed, oldRoot, newRoot))
            }
        }
    }

    @Test("Nothing is proved from the empty tree", arguments: [0, 1, 5] as [Int64])
    func emptyTree(newSize: Int64) throws {
        let source = PerfectSubtrees(leaves: leaves).source
        let root = try MerkleTree.root(size: newSize, from: source)
        let proof = ConsistencyProof(oldSize: 0, newSize: newSize, hashes: [])
        #expect(throws: MerkleProofError.oldTreeEmpty) {
            try proof.verify(oldRoot: MerkleTree.emptyRoot, newRoot: root)
        }
        #expect(throws: MerkleProofError.oldTreeEmpty) {
            try ConsistencyProof(oldSize: 0, newSize: newSize, from: source)
        }
    }

    @Test("Sizes of any kind are answered, never a trap", arguments: [Int64.min, -1, 0, 1, .max - 1, .max])
    func extremeSizes(size: Int64) {
        let hash = MerkleTree.emptyRoot
        for other in [Int64.min, -1, 0, 1, 1 << 62, .max - 1, .max] {
            for count in [0, 1, 62, 63, 64, 126] {
                let hashes = Array(repeating: hash, count: count)
                #expect(throws: MerkleProofError.self) {
                    try InclusionProof(index: other, size: size, hashes: hashes)
                        .verify(leafHash: hash, root: MerkleTree.leafHash([9]))
                }
                #expect(throws: MerkleProofError.self) {
                    try ConsistencyProof(oldSize: other, newSize: size, hashes: hashes)
                        .verify(oldRoot: hash, newRoot: MerkleTree.leafHash([9]))
                }
            }
            let source: SubtreeSource = { level, index in
                #expect(index >= 0 && index < size >> Int64(level))
                return hash
            }
            if let proof = try? InclusionProof(index: other, size: size, from: source) {
                #expect(throws: Never.self) { try proof.root(leafHash: hash) }
            }
            _ = try? ConsistencyProof(oldSize: other, newSize: size, from: source)
        }
    }

    @Test("An error of the source reaches the caller as it is")
    func sourceError() {
        struct Missing: Error, Equatable {}
        let source: SubtreeSource = { _, _ in throw Missing() }
        #expect(throws: Missing()) { try InclusionProof(index: 1, size: 3, from: source) }
        #expect(throws: Missing()) { try ConsistencyProof(oldSize: 1, newSize: 3, from: source) }
        #expect(throws: Missing()) { try CompactRange(size: 3, from: source) }
    }
}
