import OpenSSLKit
import Testing
import TiledLog
import TransparencyLog

/// Proofs from tiles on disk.
@Suite struct TileCacheTests {
    @Test func `A proof reads the tiles that it needs, and no other`() throws {
        let log = try ScratchLog(steps: [1000])
        let leaf = MerkleTree.leafHash(log.entries[300])
        // The entry's own tile, the tile of roots, and the unfinished one at the right edge.
        let needed: Set = ["tile/0/001", "tile/0/003.p/232", "tile/1/000.p/3"]
        for path in try log.files().keys where !needed.contains(path) { try log.remove(path) }
        let inclusion = try InclusionProof(index: 300, size: 1000, from: log.reader.subtrees(size: 1000))
        try inclusion.verify(leafHash: leaf, root: log.head.root)
        let older = MerkleTree.root(of: log.entries.prefix(400).map { MerkleTree.leafHash($0) })
        let consistency = try ConsistencyProof(oldSize: 400, newSize: 1000, from: log.reader.subtrees(size: 1000))
        try consistency.verify(oldRoot: older, newRoot: log.head.root)
        // Without any of them there is no proof.
        for (path, bytes) in try log.files() {
            try log.remove(path)
            #expect(throws: LogError.self, "\(path)") {
                _ = try InclusionProof(index: 300, size: 1000, from: log.reader.subtrees(size: 1000))
            }
            try log.write(path, bytes)
        }
        #expect(throws: Never.self) {
            _ = try InclusionProof(index: 300, size: 1000, from: log.reader.subtrees(size: 1000))
        }
    }

    @Test func `One source makes the proofs of all entries, in any order`() throws {
        let log = try ScratchLog(steps: [300, 700])
        let source = log.reader.subtrees(size: 1000)
        for step in [1, 611] {
            for number in 0..<1000 {
                let index = Int64(number * step % 1000)
                let proof = try InclusionProof(index: index, size: 1000, from: source)
                let leaf = MerkleTree.leafHash(log.entries[Int(index)])
                #expect(throws: Never.self) { try proof.verify(leafHash: leaf, root: log.head.root) }
            }
        }
    }
}
