package import OpenSSLKit

/// The audit path of a leaf (RFC 6962, 2.1.1): its sibling first, the root's child last.
package struct InclusionProof: Hashable, Sendable {
    /// Of the leaf, from 0.
    package let index: Int64
    /// The size of the tree.
    package let size: Int64
    package let hashes: [SHA256Digest]

    /// A proof as it was received; `verify` judges it.
    package init(index: Int64, size: Int64, hashes: [SHA256Digest]) {
        self.index = index
        self.size = size
        self.hashes = hashes
    }

    /// Makes PATH(index, D[size]).
    ///
    /// - Throws: `MerkleProofError` when the index is not in the tree, and what `source` throws.
    package init(index: Int64, size: Int64, from source: SubtreeSource) throws {
        guard size >= 0 else { throw MerkleProofError.sizeOutOfRange }
        guard index >= 0, index < size else { throw MerkleProofError.indexOutOfRange }
        var hasher = SHA256Hasher()
        var hashes: [SHA256Digest] = []
        var node = LeafRange(start: 0, end: size)
        // From the root down, so the siblings come in the reverse of the proof's order.
        while node.count > 1 {
            let split = node.split
            let left = LeafRange(start: node.start, end: split)
            let right = LeafRange(start: split, end: node.end)
            let isLeft = index < split
            hashes.append(try (isLeft ? right : left).root(from: source, using: &hasher))
            node = isLeft ? left : right
        }
        self.init(index: index, size: size, hashes: hashes.reversed())
    }

    /// Checks that the leaf stands at `index` in the tree of `size` leaves with this root.
    package func verify(leafHash: SHA256Digest, root: SHA256Digest) throws(MerkleProofError) {
        guard try self.root(leafHash: leafHash) == root else { throw .rootMismatch }
    }

    /// The root that the proof leads to, by the steps of RFC 9162, 2.1.3.2.
    package func root(leafHash: SHA256Digest) throws(MerkleProofError) -> SHA256Digest {
        guard size >= 0 else { throw .sizeOutOfRange }
        guard index >= 0, index < size else { throw .indexOutOfRange }
        var hasher = SHA256Hasher()
        // RFC 9162 calls them fn and sn: this node and the last one, both counted within the level.
        var node = index
        var last = size - 1
        var root = leafHash
        for hash in hashes {
            guard last != 0 else { throw .wrongLength }
            if node & 1 == 1 || node == last {
                root = MerkleTree.nodeHash(hash, root, using: &hasher)
                // The right edge skips the levels where it has no sibling.
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                root = MerkleTree.nodeHash(root, hash, using: &hasher)
            }
            node >>= 1
            last >>= 1
        }
        guard last == 0 else { throw .wrongLength }
        return root
    }
}
