import Testing
import TransparencyLog

@Suite("Tile paths")
struct TilePathTests {
    @Test(
        "A path is read and printed as the specification writes it",
        arguments: [
            ("tile/0/x001/x234/067", 0, 1_234_067, 256),
            ("tile/0/005", 0, 5, 256),
            ("tile/1/000.p/1", 1, 0, 1),
            ("tile/0/273.p/112", 0, 273, 112),
            ("tile/63/x001/000.p/255", 63, 1000, 255),
            ("tile/entries/x001/x234/067", nil, 1_234_067, 256),
            ("tile/entries/000.p/9", nil, 0, 9),
            ("tile/0/x009/x223/x372/x036/x854/x775/807", 0, Int64.max, 256),
        ] as [(String, Int?, Int64, Int)]
    )
    func roundTrip(path: String, level: Int?, index: Int64, width: Int) throws {
        let tile = try #require(TilePath(path: path))
        #expect(tile.content == level.map { .hashes(level: $0) } ?? .entries)
        #expect(tile.index == index)
        #expect(tile.width == width)
        #expect(tile.path == path)
        #expect(tile.isPartial == (width < 256))
        #expect(tile.full.path == String(path.prefix { $0 != "." }))
        #expect(tile.byteCount == (level == nil ? nil : width * 32))
    }

    @Test(
        "Any other spelling is refused",
        arguments: [
            "", "tile", "tile/0", "tile/0/", "/tile/0/005", "tile/0/005/", "tile//005", "tiles/0/005", "Tile/0/005",
            "tile/64/005", "tile/00/005", "tile/01/005", "tile/-1/005", "tile/+1/005", "tile/a/005",
            "tile/0/5", "tile/0/0005", "tile/0/-05", "tile/0/00a", "tile/0/x005", "tile/0/x000/005", "tile/0/001/005",
            "tile/0/x001/x005", "tile/0/X001/005", "tile/0/x001//005", "tile/0/x001005",
            "tile/0/005.p", "tile/0/005.p/", "tile/0/005.p/0", "tile/0/005.p/256", "tile/0/005.p/01", "tile/0/005.p/1/",
            "tile/0/005.p/-1", "tile/0/005.P/1", "tile/0/005.q/1", "tile/0/005p/1", "tile/0/x001.p/1/005",
            "tile/0/005 ", " tile/0/005", "tile/0/００５", "tile/Entries/005", "tile/entries", "tile/entries/5",
            "tile/0/x009/x223/x372/x036/x854/x775/808", "tile/0/x010/x000/x000/x000/x000/x000/000",
            "tile/0/x001/x000/x000/x000/x000/x000/x000/000", "checkpoint", "tile/../005",
        ]
    )
    func refused(path: String) {
        #expect(TilePath(path: path) == nil)
    }

    @Test("A tile cannot be made of numbers out of range")
    func outOfRange() {
        #expect(TilePath(.hashes(level: 64), index: 0) == nil)
        #expect(TilePath(.hashes(level: -1), index: 0) == nil)
        #expect(TilePath(.entries, index: -1) == nil)
        #expect(TilePath(.entries, index: 0, width: 0) == nil)
        #expect(TilePath(.entries, index: 0, width: 257) == nil)
        #expect(TilePath(.entries, index: 0, width: 256) != nil)
    }

    @Test(
        "A checkpoint's path is grouped like a tile's",
        arguments: [
            (0, "checkpoints/000"), (18, "checkpoints/018"), (1000, "checkpoints/x001/000"),
            (1_234_067, "checkpoints/x001/x234/067"), (Int64.max, "checkpoints/x009/x223/x372/x036/x854/x775/807"),
        ] as [(Int64, String)]
    )
    func checkpoints(size: Int64, path: String) throws {
        #expect(CheckpointPath(size: size)?.path == path)
        #expect(CheckpointPath(path: path)?.size == size)
    }

    @Test(
        "Any other spelling of a checkpoint's path is refused",
        arguments: [
            "", "checkpoints", "checkpoints/", "checkpoints/18", "checkpoints/x000/018", "checkpoints/018/", "018",
            "/checkpoints/018", "checkpoint/018", "checkpoints/018.p/1", "checkpoints/018\n",
        ]
    )
    func refusedCheckpoints(path: String) {
        #expect(CheckpointPath(path: path) == nil)
        #expect(CheckpointPath(size: -1) == nil)
    }
}
