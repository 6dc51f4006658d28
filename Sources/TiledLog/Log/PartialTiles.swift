package import TransparencyLog

/// The partial tiles and bundles that a log has to keep: those of every checkpoint whose last tile is not full yet
/// (tlog-tiles, Partial tiles).
package enum PartialTiles {
    /// - Parameters:
    ///   - checkpointSizes: of all checkpoints, the pending one included.
    ///   - size: of the log.
    package static func promised(checkpointSizes: some Sequence<Int64>, size: Int64) -> Set<TilePath> {
        var promised: Set<TilePath> = []
        for checkpointSize in checkpointSizes {
            for tile in edge(checkpointSize)
            where tile.isPartial && heldWidth(of: tile, size: size) < TilePath.fullWidth {
                promised.insert(tile)
            }
        }
        return promised
    }

    /// The last tile of each level, and the last bundle.
    private static func edge(_ size: Int64) -> [TilePath] {
        let tiles = TilePath.rightEdge(forSize: size)
        guard let lowest = tiles.first, let bundle = TilePath(.entries, index: lowest.index, width: lowest.width) else {
            return tiles
        }
        return tiles + [bundle]
    }

    /// How many hashes or entries the tile has in a log of that size: 0 to 256.
    package static func heldWidth(of tile: TilePath, size: Int64) -> Int {
        let level =
            switch tile.content {
            case .hashes(let level): level
            case .entries: 0
            }
        guard level < 8 else { return 0 }
        let held = (size >> Int64(8 * level)) - tile.index * Int64(TilePath.fullWidth)
        return Int(max(0, min(held, Int64(TilePath.fullWidth))))
    }
}
