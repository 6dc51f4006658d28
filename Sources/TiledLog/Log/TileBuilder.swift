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

    /// Goes on from a tree on disk, of which only the partial tiles at the right edge are read.
    package init(size: Int64, reader: LogReader) throws {
        guard size >= 0 else { throw MerkleProofError.sizeOutOfRange }
        open = []
        for tile in TilePath.rightEdge(forSize: size) {
            open.append(tile.isPartial ? try reader.hashes(tile) : [])
        }
        // The partial tile of a level holds eight bits of the size: a perfect subtree for each bit that is set.
        var hasher = SHA256Hasher()
        var edge: [SHA256Digest] = []
        for hashes in open.reversed() {
            var position = 0
            for bit in (0..<8).reversed() where hashes.count >> bit & 1 == 1 {
                edge.append(MerkleTree.root(of: hashes[position..<(position + 1 << bit)], using: &hasher))
                position += 1 << bit
            }
        }
        guard let range = CompactRange(size: size, hashes: edge) else { throw MerkleProofError.sizeOutOfRange }
        self.range = range
    }

    /// Of the entries in the unfinished bundle.
    var openLeafHashes: [SHA256Digest] { open.first ?? [] }

    package var size: Int64 { range.size }

    /// Adds a leaf and hands over the tiles that it fills, lowest level first.
    package mutating func append(
        _ leafHash: SHA256Digest, using hasher: inout SHA256Hasher,
        filled: (TilePath, [SHA256Digest]) throws -> Void
    ) throws {
        // Made for one leaf in 256: most complete no tile.
        var completed: [(level: Int, index: Int64, hash: SHA256Digest)] = []
        let first = range.size
        try range.append(leafHash, using: &hasher) { level, index, hash in
            if level & 7 == 0, level > 0 { completed.append((level / 8, index, hash)) }
        }
        try add(leafHash, level: 0, index: first, filled: filled)
        for (level, index, hash) in completed { try add(hash, level: level, index: index, filled: filled) }
    }

    /// Adds all leaves of a full tile at once, of which somebody has computed the root; see `startsTile`.
    package mutating func append(
        tileRoot root: SHA256Digest, using hasher: inout SHA256Hasher,
        filled: (TilePath, [SHA256Digest]) throws -> Void
    ) throws {
        var completed: [(level: Int, index: Int64, hash: SHA256Digest)] = []
        try range.append(subtree: root, level: 8, using: &hasher) { level, index, hash in
            if level & 7 == 0 { completed.append((level / 8, index, hash)) }
        }
        for (level, index, hash) in completed { try add(hash, level: level, index: index, filled: filled) }
    }

    /// Whether the next leaf is the first of a tile.
    package var startsTile: Bool { range.size.isMultiple(of: Int64(TilePath.fullWidth)) }

    private mutating func add(
        _ hash: SHA256Digest, level: Int, index: Int64, filled: (TilePath, [SHA256Digest]) throws -> Void
    ) throws {
        while open.count <= level { open.append([]) }
        open[level].append(hash)
        guard open[level].count == TilePath.fullWidth else { return }
        let hashes = open[level]
        open[level] = []
        open[level].reserveCapacity(TilePath.fullWidth)
        guard let tile = TilePath(.hashes(level: level), index: index / Int64(TilePath.fullWidth)) else { return }
        try filled(tile, hashes)
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
