package import OpenSSLKit

/// The proof that a tree continues an older one (RFC 6962, 2.1.2).
///
/// Between equal sizes it is empty. From size 0 there is none, not even an empty one: any tree continues the empty
/// tree, so who starts from nothing must say so rather than verify a proof.
package struct ConsistencyProof: Hashable, Sendable {
    package let oldSize: Int64
    package let newSize: Int64
    package let hashes: [SHA256Digest]

    /// A proof as it was received; `verify` judges it.
    package init(oldSize: Int64, newSize: Int64, hashes: [SHA256Digest]) {
        self.oldSize = oldSize
        self.newSize = newSize
        self.hashes = hashes
    }

    /// Makes PROOF(oldSize, D[newSize]).
    ///
    /// - Throws: `MerkleProofError` when the sizes are not `0 < oldSize <= newSize`, and what `source` throws.
    package init(oldSize: Int64, newSize: Int64, from source: SubtreeSource) throws {
        self.init(oldSize: oldSize, newSize: newSize, hashes: [])
        try checkSizes()
        var hasher = SHA256Hasher()
        var hashes: [SHA256Digest] = []
        var node = LeafRange(start: 0, end: newSize)
        // SUBPROOF from the root down, so the hashes come in the reverse of the proof's order.
        while node.end != oldSize {
            let split = node.split
            let left = LeafRange(start: node.start, end: split)
            let right = LeafRange(start: split, end: node.end)
            let endsLeft = oldSize <= split
            hashes.append(try (endsLeft ? right : left).root(from: source, using: &hasher))
            node = endsLeft ? left : right
        }
        // A node that starts at 0 is the old tree itself, whose root the verifier has.
        if node.start > 0 { hashes.append(try node.root(from: source, using: &hasher)) }
        self.init(oldSize: oldSize, newSize: newSize, hashes: hashes.reversed())
    }

    /// Checks both roots by the steps of RFC 9162, 2.1.4.2.
    package func verify(oldRoot: SHA256Digest, newRoot: SHA256Digest) throws(MerkleProofError) {
        try checkSizes()
        guard oldSize < newSize else {
            guard hashes.isEmpty else { throw .wrongLength }
            guard oldRoot == newRoot else { throw .rootMismatch }
            return
        }
        let roots = try roots(oldRoot: oldRoot)
        guard roots.old == oldRoot else { throw .oldRootMismatch }
        guard roots.new == newRoot else { throw .rootMismatch }
    }

    /// Whether an old tree of that size is a node of every larger one: its root is left out of the proof.
    package static func startsAtOldRoot(_ oldSize: Int64) -> Bool { oldSize & (oldSize - 1) == 0 }

    /// The roots that the proof leads to, of two different sizes.
    ///
    /// - Parameter oldRoot: what the proof starts at where it leaves the old root out.
    package func roots(oldRoot: SHA256Digest) throws(MerkleProofError) -> (old: SHA256Digest, new: SHA256Digest) {
        try checkSizes()
        guard oldSize < newSize else { throw .sizeOutOfRange }
        var path = hashes[...]
        guard let start = Self.startsAtOldRoot(oldSize) ? oldRoot : path.popFirst() else { throw .wrongLength }
        var hasher = SHA256Hasher()
        // fn and sn of RFC 9162: the last node of the old tree and of the new one, counted within the level.
        var node = oldSize - 1
        var last = newSize - 1
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        var old = start
        var new = start
        for hash in path {
            guard last != 0 else { throw .wrongLength }
            if node & 1 == 1 || node == last {
                old = MerkleTree.nodeHash(hash, old, using: &hasher)
                new = MerkleTree.nodeHash(hash, new, using: &hasher)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                new = MerkleTree.nodeHash(new, hash, using: &hasher)
            }
            node >>= 1
            last >>= 1
        }
        guard last == 0 else { throw .wrongLength }
        return (old, new)
    }

    private func checkSizes() throws(MerkleProofError) {
        guard oldSize >= 0, oldSize <= newSize else { throw .sizeOutOfRange }
        guard oldSize > 0 else { throw .oldTreeEmpty }
    }
}
