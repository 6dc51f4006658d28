internal import OpenSSLKit
internal import TransparencyLog

/// Tiles that were read for proofs, with the nodes inside them: neighbouring proofs share nearly all of theirs.
///
/// Not Sendable: it belongs to whoever makes the proofs.
final class TileCache {
    /// A tile's hashes, and above them the nodes of its perfect subtrees as far as they were asked for.
    private struct Nodes {
        let tile: TilePath
        /// At each height the roots of 2^height neighbouring hashes.
        var heights: [[SHA256Digest]]
    }

    private let reader: LogReader
    private let size: Int64
    private var hasher = SHA256Hasher()
    /// The tile that was used last at each level.
    private var latest = [Nodes?](repeating: nil, count: TilePath.levels.upperBound / 8 + 1)
    /// Others, at most `limit` of 16 KB each.
    private var others: [TilePath: Nodes] = [:]

    private static let limit = 64

    init(_ reader: LogReader, size: Int64) {
        self.reader = reader
        self.size = size
    }

    /// The root of a perfect subtree of the tree.
    func root(level: Int, index: Int64) throws -> SHA256Digest {
        guard let location = SubtreeLocation(level: level, index: index, size: size) else {
            throw MerkleProofError.indexOutOfRange
        }
        let (tileLevel, height) = (level / 8, level % 8)
        if latest[tileLevel]?.tile != location.tile { try load(location.tile, level: tileLevel) }
        let position = location.hashes.lowerBound >> height
        while let count = latest[tileLevel]?.heights.count, count <= height { climb(tileLevel) }
        guard let nodes = latest[tileLevel], position < nodes.heights[height].count else {
            throw MerkleProofError.indexOutOfRange
        }
        return nodes.heights[height][position]
    }

    private func load(_ tile: TilePath, level: Int) throws {
        if let former = latest[level] {
            if others.count >= Self.limit { others = [:] }
            others[former.tile] = former
        }
        latest[level] = try others.removeValue(forKey: tile) ?? Nodes(tile: tile, heights: [reader.hashes(tile)])
    }

    /// Adds the nodes one height above the highest.
    private func climb(_ level: Int) {
        guard let below = latest[level]?.heights.last else { return }
        var nodes: [SHA256Digest] = []
        nodes.reserveCapacity(below.count / 2)
        for pair in 0..<(below.count / 2) {
            nodes.append(MerkleTree.nodeHash(below[2 * pair], below[2 * pair + 1], using: &hasher))
        }
        latest[level]?.heights.append(nodes)
    }
}
