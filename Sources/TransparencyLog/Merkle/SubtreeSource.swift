package import OpenSSLKit

/// Where proofs get their hashes from: the root of the leaves `[index * 2^level, (index + 1) * 2^level)`.
///
/// Only perfect subtrees are asked for, and only those that lie wholly within the tree; whatever is thrown ends the
/// proof and reaches the caller as it is.
package typealias SubtreeSource = (_ level: Int, _ index: Int64) throws -> SHA256Digest

/// A run of leaves that is a node of some tree: `start` is a multiple of the smallest power of two that is not below
/// the number of leaves.
struct LeafRange {
    var start: Int64
    var end: Int64

    var count: Int64 { end - start }

    /// Where RFC 6962 splits it: after the largest power of two below its size. It has at least two leaves.
    var split: Int64 { start + 1 << Int64(63 - (count - 1).leadingZeroBitCount) }

    /// The perfect subtrees that make it up, largest first.
    var perfectSubtrees: [(level: Int, index: Int64)] {
        var subtrees: [(level: Int, index: Int64)] = []
        var position = start
        for level in (0..<63).reversed() where count >> Int64(level) & 1 == 1 {
            subtrees.append((level, position >> Int64(level)))
            // Reaches `end` after the last one, hence cannot overflow.
            position += 1 << Int64(level)
        }
        return subtrees
    }

    func root(from source: SubtreeSource, using hasher: inout SHA256Hasher) throws -> SHA256Digest {
        var root: SHA256Digest?
        for subtree in perfectSubtrees.reversed() {
            let left = try source(subtree.level, subtree.index)
            root = root.map { MerkleTree.nodeHash(left, $0, using: &hasher) } ?? left
        }
        return root ?? MerkleTree.emptyRoot
    }
}
