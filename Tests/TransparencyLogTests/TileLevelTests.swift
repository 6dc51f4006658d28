import Testing

@testable import TransparencyLog

@Suite struct TileLevelTests {
    @Test func `The tiles of one level are those of the whole sequence`() {
        let sizes: [Int64] = [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000, 131_072]
        for old in sizes {
            for new in sizes {
                let all = Array(TilePath.newTiles(from: old, to: new))
                for level in 0...8 {
                    #expect(
                        Array(TilePath.newTiles(level: level, from: old, to: new))
                            == all.filter { $0.content == .hashes(level: level) }, "\(old) \(new) \(level)")
                }
            }
        }
    }

    @Test func `Of a size that nobody has, the first is there at once`() {
        let tiles = TilePath.newTiles(level: 0, from: 3, to: .max)
        #expect(Array(tiles.prefix(2)).map(\.path) == ["tile/0/000", "tile/0/001"])
    }
}
