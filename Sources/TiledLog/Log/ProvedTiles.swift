package import OpenSSLKit
internal import Synchronization
package import TransparencyLog

/// The tiles of a tree, each held against the root before a hash of it is believed: so that of a large log a few entries
/// can be read alone, as part of the very tree.
///
/// A full tile's root is a hash of the tile above it; all partial tiles together lead to the root of the tree.
package final class ProvedTiles: Sendable {
    package let head: TreeHead
    private let read: @Sendable (TilePath) throws -> [SHA256Digest]
    private let proved: Mutex<[TilePath: [SHA256Digest]]>

    /// - Throws: `LogError` when the right edge on disk does not lead to the root.
    package convenience init(_ reader: LogReader, head: TreeHead) throws {
        try self.init(head: head) { try reader.hashes($0) }
    }

    /// - Parameter read: the hashes of a tile, from wherever it lies.
    package init(head: TreeHead, read: @escaping @Sendable (TilePath) throws -> [SHA256Digest]) throws {
        self.read = read
        self.head = head
        var edge: [TilePath: [SHA256Digest]] = [:]
        for tile in TilePath.rightEdge(forSize: head.size) where tile.isPartial {
            edge[tile] = try read(tile)
        }
        let root = try MerkleTree.root(size: head.size) { level, index in
            guard let location = SubtreeLocation(level: level, index: index, size: head.size),
                let hashes = edge[location.tile]
            else { throw MerkleProofError.indexOutOfRange }
            return MerkleTree.root(of: hashes[location.hashes])
        }
        guard root == head.root else {
            throw LogError(path: "ledger", problem: .mismatch(expected: head.root.hex, actual: root.hex))
        }
        proved = Mutex(edge)
    }

    /// What the tree says of the leaf.
    package func leafHash(at index: Int64) throws -> SHA256Digest { try subtree(level: 0, index: index) }

    /// The root that this tree had when it was smaller.
    package func root(size: Int64) throws -> SHA256Digest {
        guard size <= head.size else { throw MerkleProofError.sizeOutOfRange }
        return size == head.size ? head.root : try MerkleTree.root(size: size, from: subtree)
    }

    /// The hashes of a full tile of leaves, which are not kept here.
    package func leafHashes(ofTile index: Int64) throws -> [SHA256Digest] {
        let held = head.size - index * Int64(TilePath.fullWidth)
        let width = Int(min(held, Int64(TilePath.fullWidth)))
        guard let tile = TilePath(.hashes(level: 0), index: index, width: width) else {
            throw MerkleProofError.indexOutOfRange
        }
        return try tile.isPartial ? hashes(tile) : confirmed(tile, level: 0)
    }

    /// The root of a perfect subtree.
    package func subtree(level: Int, index: Int64) throws -> SHA256Digest {
        guard let location = SubtreeLocation(level: level, index: index, size: head.size) else {
            throw MerkleProofError.indexOutOfRange
        }
        let hashes = try hashes(location.tile)
        return location.hashes.count == 1
            ? hashes[location.hashes.lowerBound] : MerkleTree.root(of: hashes[location.hashes])
    }

    private func hashes(_ tile: TilePath) throws -> [SHA256Digest] {
        if let known = proved.withLock({ $0[tile] }) { return known }
        guard case .hashes(let level) = tile.content, !tile.isPartial else { throw MerkleProofError.indexOutOfRange }
        let hashes = try confirmed(tile, level: level)
        proved.withLock { $0[tile] = hashes }
        return hashes
    }

    private func confirmed(_ tile: TilePath, level: Int) throws -> [SHA256Digest] {
        let read = try self.read(tile)
        let expected = try subtree(level: 8 * (level + 1), index: tile.index)
        let root = MerkleTree.root(of: read)
        guard root == expected else {
            throw LogError(path: tile.path, problem: .mismatch(expected: expected.hex, actual: root.hex))
        }
        return read
    }
}
