import OpenSSLKit
import Testing
import TransparencyLog

@Suite("The tiles of a tree")
struct TileSequenceTests {
    @Test("A tree of 70,000 has the tiles that the specification counts")
    func seventyThousand() {
        let paths = TilePath.tiles(forSize: 70_000).map(\.path)
        let leafTiles = paths.filter { $0.hasPrefix("tile/0/") }
        #expect(leafTiles.count == 274)
        #expect(leafTiles.first == "tile/0/000")
        #expect(leafTiles.dropLast().last == "tile/0/272")
        #expect(leafTiles.last == "tile/0/273.p/112")
        #expect(Array(paths.dropFirst(274)) == ["tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"])
        #expect(
            TilePath.rightEdge(forSize: 70_000).map(\.path) == [
                "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1",
            ]
        )
        let bundles = TilePath.bundles(forSize: 70_000).map(\.path)
        #expect(bundles.count == 274)
        #expect(bundles.first == "tile/entries/000")
        #expect(bundles.last == "tile/entries/273.p/112")
    }

    @Test("A tree of 256 has a full tile and one above it of width 1")
    func twoHundredFiftySix() {
        #expect(TilePath.tiles(forSize: 256).map(\.path) == ["tile/0/000", "tile/1/000.p/1"])
        #expect(TilePath.rightEdge(forSize: 256).map(\.path) == ["tile/0/000", "tile/1/000.p/1"])
        #expect(TilePath.bundles(forSize: 256).map(\.path) == ["tile/entries/000"])
    }

    @Test(
        "Growing writes what became full and the partial tiles of the new size",
        arguments: [
            (0, 1, ["tile/0/000.p/1"]),
            (1, 1, []),
            (2, 1, []),
            (-1, 1, []),
            (1, 255, ["tile/0/000.p/255"]),
            (255, 256, ["tile/0/000", "tile/1/000.p/1"]),
            (256, 257, ["tile/0/001.p/1"]),
            (255, 257, ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]),
            (256, 513, ["tile/0/001", "tile/0/002.p/1", "tile/1/000.p/2"]),
            (65_535, 65_536, ["tile/0/255", "tile/1/000", "tile/2/000.p/1"]),
            (65_535, 65_537, ["tile/0/255", "tile/0/256.p/1", "tile/1/000", "tile/2/000.p/1"]),
        ] as [(Int64, Int64, [String])]
    )
    func growth(oldSize: Int64, newSize: Int64, paths: [String]) {
        #expect(TilePath.newTiles(from: oldSize, to: newSize).map(\.path) == paths)
    }

    @Test("Bundles grow like the tiles of level 0")
    func bundleGrowth() {
        let bundles = TilePath.newBundles(from: 255, to: 600).map(\.path)
        #expect(bundles == ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"])
    }

    @Test("No size makes the sequence trap or run away")
    func extremeSizes() {
        let near = TilePath.newTiles(from: .max - 1, to: .max).map(\.path)
        #expect(near == ["tile/0/x036/x028/x797/x018/x963/967.p/255"])
        #expect(TilePath.tiles(forSize: .max).prefix(3).map(\.path) == ["tile/0/000", "tile/0/001", "tile/0/002"])
        #expect(TilePath.rightEdge(forSize: .max).count == 8)
        #expect(TilePath.rightEdge(forSize: .max).last?.path == "tile/7/000.p/127")
        #expect(TilePath.rightEdge(forSize: 0).isEmpty)
        #expect(TilePath.rightEdge(forSize: -1).isEmpty)
        #expect(TilePath.tiles(forSize: .min).map(\.path).isEmpty)
    }

    @Test("A log that grows step by step has every tile that its size needs, and every proof from them")
    func grownLog() throws {
        var store = TileStore()
        // Over the edge of a tile, of a level, and far.
        for size in [1, 2, 200, 255, 256, 257, 1000, 65_535, 65_536, 66_000, 70_000] as [Int64] {
            try store.grow(to: size)
            let source = store.source
            #expect(try MerkleTree.root(size: size, from: source) == store.range.root)
            for tile in TilePath.tiles(forSize: size) where tile.isPartial { #expect(store.tiles[tile] != nil) }
            for index in [0, size / 2, size - 1] {
                let proof = try InclusionProof(index: index, size: size, from: source)
                try proof.verify(leafHash: MerkleTree.leafHash(leaf(Int(index))), root: store.range.root)
            }
            let proof = try ConsistencyProof(oldSize: (size + 1) / 2, newSize: size, from: source)
            let oldRoot = try MerkleTree.root(size: (size + 1) / 2, from: source)
            try proof.verify(oldRoot: oldRoot, newRoot: store.range.root)
        }
        let full = TilePath.tiles(forSize: 70_000).filter { !$0.isPartial }
        #expect(full.allSatisfy { store.tiles[$0]?.count == 256 })
    }

    @Test("A subtree outside the tree has no place")
    func outside() {
        #expect(SubtreeLocation(level: 0, index: 5, size: 5) == nil)
        #expect(SubtreeLocation(level: 3, index: 0, size: 7) == nil)
        #expect(SubtreeLocation(level: 63, index: 0, size: .max) == nil)
        #expect(SubtreeLocation(level: -1, index: 0, size: 5) == nil)
        #expect(SubtreeLocation(level: 0, index: -1, size: 5) == nil)
        let highest = SubtreeLocation(level: 62, index: 0, size: .max)
        #expect(highest?.tile.path == "tile/7/000.p/127")
        #expect(highest?.hashes == 0..<64)
    }
}

/// What a log keeps: tiles written when it grew, and never again.
private struct TileStore {
    var tiles: [TilePath: [SHA256Digest]] = [:]
    var range = CompactRange()
    private var levels: [[SHA256Digest]] = Array(repeating: [], count: 8)

    mutating func grow(to size: Int64) throws {
        let oldSize = range.size
        var hasher = SHA256Hasher()
        for number in oldSize..<size {
            try range.append(MerkleTree.leafHash(leaf(Int(number)), using: &hasher), using: &hasher) {
                level,
                index,
                hash in
                guard level.isMultiple(of: 8) else { return }
                #expect(index == levels[level / 8].count)
                levels[level / 8].append(hash)
            }
        }
        for tile in TilePath.newTiles(from: oldSize, to: size) {
            guard case .hashes(let level) = tile.content else { continue }
            let start = Int(tile.index) * 256
            #expect(tiles.updateValue(Array(levels[level][start..<start + tile.width]), forKey: tile) == nil)
        }
    }

    struct Missing: Error {}

    var source: SubtreeSource {
        { level, index in
            guard let place = SubtreeLocation(level: level, index: index, size: range.size),
                let hashes = tiles[place.tile]
            else { throw Missing() }
            return MerkleTree.root(of: hashes[place.hashes])
        }
    }
}
