import OpenSSLKit
import Testing
import TiledLog
import TransparencyLog

/// A tree that is checked by whole tiles is checked as well as leaf by leaf.
@Suite struct TileCheckTests {
    private let log: ScratchLog
    /// Within tiles, at their ends, and beyond.
    private let sizes: [Int64] = [0, 1, 255, 256, 257, 300, 512, 700, 768, 1000]

    init() throws { log = try ScratchLog(steps: [700, 300]) }

    /// - Parameter share: how many entries a part has; with whole bundles their roots are given.
    private func check(share: Int, sizes: [Int64]) throws -> TileCheckResult {
        var check = TileCheck(reader: log.reader, sizesOfInterest: sizes)
        for bundle in TilePath.bundles(forSize: log.head.size) {
            for part in BundlePart.parts(of: bundle, entries: share) {
                let hashes = try log.reader.entries(bundle)[part.range].map { MerkleTree.leafHash($0) }
                try check.add(
                    part, leafHashes: hashes, stored: part.storedHashes(log.reader),
                    root: part.isFull ? MerkleTree.root(of: hashes) : nil)
            }
        }
        try check.finish()
        return TileCheckResult(
            roots: check.roots, root: check.root,
            mismatches: check.mismatches(expectedRoot: log.head.root).map(\.description),
            damaged: check.damagedEntries(expectedRoot: log.head.root).map(\.index))
    }

    private struct TileCheckResult: Equatable {
        let roots: [Int64: SHA256Digest]
        let root: SHA256Digest
        let mismatches: [String]
        let damaged: [Int64]
    }

    @Test func `Whole tiles lead to the same roots at all sizes of interest`() throws {
        let byLeaf = try check(share: 7, sizes: sizes)
        #expect(byLeaf.root == log.head.root && byLeaf.mismatches == [])
        #expect(Set(byLeaf.roots.keys) == Set(sizes))
        for size in sizes {
            #expect(
                byLeaf.roots[size] == MerkleTree.root(of: log.entries.prefix(Int(size)).map { MerkleTree.leafHash($0) })
            )
        }
        #expect(try check(share: 256, sizes: sizes) == byLeaf)
        #expect(try check(share: 256, sizes: []).root == byLeaf.root)
    }

    @Test(arguments: ["tile/0/001", "tile/0/003.p/232", "tile/1/000.p/3", "tile/entries/002"])
    func `Damage is told alike`(path: String) throws {
        var bytes = try #require(try log.files()[path])
        bytes[bytes.count - 1] ^= 1
        try log.overwrite(path, bytes)
        let byLeaf = try check(share: 1, sizes: sizes)
        #expect(byLeaf.mismatches.count == 1 && byLeaf.mismatches[0].hasPrefix(path))
        #expect(byLeaf.damaged == (path.contains("entries") ? [767] : []))
        for share in [100, 256] { #expect(try check(share: share, sizes: sizes) == byLeaf) }
    }

    @Test func `A file that is missing is told once, however many parts it is read in`() throws {
        let path = "tile/0/001"
        try log.remove(path)
        for share in [10, 256] { #expect(try check(share: share, sizes: []).mismatches == ["\(path) is missing"]) }
    }

    @Test func `No root is computed from hashes that were not there, and no tile is blamed for it`() throws {
        try log.remove("tile/entries/001")
        try log.remove("tile/0/001")
        let result = try check(sizes: sizes)
        #expect(result.mismatches == ["tile/entries/001 is missing", "tile/0/001 is missing"])
        #expect(Set(result.roots.keys) == [0, 1, 255, 256])
    }

    @Test func `Two bundles in a row that are missing end the pass, and no tile is blamed for it`() throws {
        for name in ["001", "002"] { try log.remove("tile/entries/\(name)") }
        #expect(try check(sizes: sizes).mismatches == ["tile/entries/001 is missing"])
    }

    private func check(sizes: [Int64]) throws -> (roots: [Int64: SHA256Digest], mismatches: [String]) {
        var check = TileCheck(reader: log.reader, sizesOfInterest: sizes)
        try check.run(size: log.head.size)
        return (check.roots, check.mismatches(expectedRoot: log.head.root).map(\.description))
    }
}
