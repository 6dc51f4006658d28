package import OpenSSLKit

/// The right edge of a tree: the roots of the perfect subtrees it is made of, largest first.
///
/// A tree of 7 leaves is kept as three hashes, of 4, 2 and 1 leaves: one for each bit set in its size. That is all that
/// is needed to add leaves and to compute the root (RFC 6962, 2.1). Look-alike: the edge of *tiles*, whose hashes stand
/// for powers of 256.
package struct CompactRange: Hashable, Sendable {
    /// The number of leaves.
    package private(set) var size: Int64

    /// One hash for each bit set in `size`, that of the highest bit first.
    package private(set) var hashes: [SHA256Digest]

    /// The empty tree.
    package init() {
        size = 0
        hashes = []
    }

    /// Nil unless `size` is not negative and has as many bits set as there are hashes.
    package init?(size: Int64, hashes: [SHA256Digest]) {
        guard size >= 0, size.nonzeroBitCount == hashes.count else { return nil }
        self.size = size
        self.hashes = hashes
    }

    /// The right edge of the first `size` leaves of a tree.
    ///
    /// - Throws: `MerkleProofError.sizeOutOfRange` for a negative size, and what `source` throws.
    package init(size: Int64, from source: SubtreeSource) throws {
        guard size >= 0 else { throw MerkleProofError.sizeOutOfRange }
        self.size = size
        hashes = try LeafRange(start: 0, end: size).perfectSubtrees.map { try source($0.level, $0.index) }
    }

    /// Adds a leaf: one hash of a node on average, 63 at most.
    ///
    /// `completed` is told every perfect subtree that the leaf completes, itself at level 0 first: those at levels 0,
    /// 8, 16 … are the hashes of tiles (tlog-tiles, Merkle Tree).
    ///
    /// - Throws: `MerkleProofError.sizeOutOfRange` when the tree has 2^63 - 1 leaves already; it is left as it was.
    package mutating func append(
        _ leafHash: SHA256Digest,
        using hasher: inout SHA256Hasher,
        completed: (_ level: Int, _ index: Int64, _ hash: SHA256Digest) -> Void = { _, _, _ in }
    ) throws(MerkleProofError) {
        guard size < .max else { throw .sizeOutOfRange }
        var hash = leafHash
        completed(0, size, hash)
        // Each low bit set in the size is a subtree that has waited for a right neighbour as large as itself.
        for level in 0..<size.trailingOneBitCount {
            hash = MerkleTree.nodeHash(hashes.removeLast(), hash, using: &hasher)
            completed(level + 1, size >> Int64(level + 1), hash)
        }
        hashes.append(hash)
        size += 1
    }

    /// Adds a perfect subtree of 2^`level` leaves whose root somebody has computed, where one may begin: at a multiple of
    /// its size.
    ///
    /// `completed` is told of it and of those above that it completes, not of those inside.
    package mutating func append(
        subtree root: SHA256Digest,
        level: Int,
        using hasher: inout SHA256Hasher,
        completed: (_ level: Int, _ index: Int64, _ hash: SHA256Digest) -> Void = { _, _, _ in }
    ) throws(MerkleProofError) {
        let width = Int64(1) << Int64(level)
        guard level < 62, size.isMultiple(of: width), size <= .max - width else { throw .sizeOutOfRange }
        var hash = root
        completed(level, size >> Int64(level), hash)
        for step in 0..<(size >> Int64(level)).trailingOneBitCount {
            hash = MerkleTree.nodeHash(hashes.removeLast(), hash, using: &hasher)
            completed(level + step + 1, size >> Int64(level + step + 1), hash)
        }
        hashes.append(hash)
        size += width
    }

    package mutating func append(_ leafHash: SHA256Digest) throws(MerkleProofError) {
        var hasher = SHA256Hasher()
        try append(leafHash, using: &hasher)
    }

    package var root: SHA256Digest {
        var hasher = SHA256Hasher()
        return root(using: &hasher)
    }

    package func root(using hasher: inout SHA256Hasher) -> SHA256Digest {
        guard var root = hashes.last else { return MerkleTree.emptyRoot }
        for left in hashes.dropLast().reversed() { root = MerkleTree.nodeHash(left, root, using: &hasher) }
        return root
    }
}

extension Int64 {
    fileprivate var trailingOneBitCount: Int { (~self).trailingZeroBitCount }
}
