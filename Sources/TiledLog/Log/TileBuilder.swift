package import OpenSSLKit
package import TransparencyLog

/// Computes the tiles of a growing tree from its leaf hashes, in one pass and with one open tile a level.
package struct TileBuilder {
    package private(set) var range: CompactRange
    /// The hashes of the tile that is being filled at each level, lowest first.
    private var open: [[SHA256Digest]]

    /// The empty tree.
    package init() {
        range = CompactRange()
        open = []
    }

    /// Goes on from a tree on disk.
    package init(size: Int64, reader: LogReader) throws {
        range = try CompactRange(size: size, from: reader.subtrees(size: size))
        open = []
        for tile in TilePath.rightEdge(forSize: size) {
            open.append(tile.isPartial ? try reader.hashes(tile) : [])
        }
    }

    package var size: Int64 { range.size }

    /// Adds a leaf and hands over the tiles that it fills, lowest level first.
    package mutating func append(
        _ leafHash: SHA256Digest, using hasher: inout SHA256Hasher,
        filled: (TilePath, [SHA256Digest]) throws -> Void
    ) throws {
        var completed: [(level: Int, index: Int64, hash: SHA256Digest)] = []
        try range.append(leafHash, using: &hasher) { level, index, hash in
            if level.isMultiple(of: 8) { completed.append((level / 8, index, hash)) }
        }
        try take(completed, filled: filled)
    }

    /// Adds all leaves of a full tile at once, of which somebody has computed the root; see `startsTile`.
    package mutating func append(
        tileRoot root: SHA256Digest, using hasher: inout SHA256Hasher,
        filled: (TilePath, [SHA256Digest]) throws -> Void
    ) throws {
        var completed: [(level: Int, index: Int64, hash: SHA256Digest)] = []
        try range.append(subtree: root, level: 8, using: &hasher) { level, index, hash in
            if level.isMultiple(of: 8) { completed.append((level / 8, index, hash)) }
        }
        if open.isEmpty { open.append([]) }
        try take(completed, filled: filled)
    }

    /// Whether the next leaf is the first of a tile.
    package var startsTile: Bool { range.size.isMultiple(of: Int64(TilePath.fullWidth)) }

    private mutating func take(
        _ completed: [(level: Int, index: Int64, hash: SHA256Digest)], filled: (TilePath, [SHA256Digest]) throws -> Void
    ) throws {
        for (level, index, hash) in completed {
            while open.count <= level { open.append([]) }
            open[level].append(hash)
            guard open[level].count == TilePath.fullWidth else { continue }
            let hashes = open[level]
            open[level] = []
            guard let tile = TilePath(.hashes(level: level), index: index / Int64(TilePath.fullWidth)) else { continue }
            try filled(tile, hashes)
        }
    }

    /// The partial tiles at the right edge, lowest level first.
    package var partialTiles: [(tile: TilePath, hashes: [SHA256Digest])] {
        open.enumerated().compactMap { level, hashes in
            guard !hashes.isEmpty else { return nil }
            let count = range.size >> Int64(8 * level)
            guard
                let tile = TilePath(
                    .hashes(level: level), index: count / Int64(TilePath.fullWidth), width: hashes.count)
            else { return nil }
            return (tile, hashes)
        }
    }
}
