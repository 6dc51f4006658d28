package import OpenSSLKit

/// The hash tree of RFC 6962, section 2.1, over SHA-256.
///
///     MTH({})     = SHA-256()
///     MTH({d})    = SHA-256(0x00 || d)
///     MTH(D[n])   = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])), k the largest power of two below n
///
/// The functions with a hasher reuse its context, which is three times as fast as a new one for every node.
package enum MerkleTree {
    /// MTH of no leaves: SHA-256 of nothing.
    package static let emptyRoot = SHA256Hasher.hash([])

    package static func leafHash(_ entry: some Collection<UInt8>) -> SHA256Digest {
        var hasher = SHA256Hasher()
        return leafHash(entry, using: &hasher)
    }

    package static func leafHash(
        _ entry: some Collection<UInt8>,
        using hasher: inout SHA256Hasher
    ) -> SHA256Digest {
        hasher.update(0x00)
        hasher.update(entry)
        return hasher.finalize()
    }

    /// Of an entry that lies in a larger buffer.
    package static func leafHash(_ entry: Span<UInt8>, using hasher: inout SHA256Hasher) -> SHA256Digest {
        hasher.update(0x00)
        hasher.update(entry)
        return hasher.finalize()
    }

    package static func nodeHash(_ left: SHA256Digest, _ right: SHA256Digest) -> SHA256Digest {
        var hasher = SHA256Hasher()
        return nodeHash(left, right, using: &hasher)
    }

    package static func nodeHash(
        _ left: SHA256Digest,
        _ right: SHA256Digest,
        using hasher: inout SHA256Hasher
    ) -> SHA256Digest {
        hasher.hash(0x01, left, right)
    }

    /// The root over hashes that are neighbours at one level: the leaf hashes of a small tree, or the hashes of a tile.
    package static func root(
        of hashes: some Collection<SHA256Digest>,
        using hasher: inout SHA256Hasher
    ) -> SHA256Digest {
        guard !hashes.isEmpty else { return emptyRoot }
        var row = Array(hashes)
        while row.count > 1 {
            // A node without a right neighbour moves up as it is, which gives RFC 6962's split at every level.
            let pairs = row.count / 2
            for pair in 0..<pairs { row[pair] = nodeHash(row[2 * pair], row[2 * pair + 1], using: &hasher) }
            if !row.count.isMultiple(of: 2) { row[pairs] = row[row.count - 1] }
            row.removeLast(pairs)
        }
        return row[0]
    }

    package static func root(of hashes: some Collection<SHA256Digest>) -> SHA256Digest {
        var hasher = SHA256Hasher()
        return root(of: hashes, using: &hasher)
    }

    /// The root of the first `size` leaves, from the hashes of perfect subtrees.
    package static func root(size: Int64, from source: SubtreeSource) throws -> SHA256Digest {
        try CompactRange(size: size, from: source).root
    }
}
