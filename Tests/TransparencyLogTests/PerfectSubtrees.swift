import OpenSSLKit
import TransparencyLog

/// The perfect subtrees of some leaves, by level.
struct PerfectSubtrees {
    private var levels: [[SHA256Digest]]

    init(leaves: [[UInt8]]) {
        levels = [leaves.map { MerkleTree.leafHash($0) }]
        while let last = levels.last, last.count > 1 {
            levels.append((0..<last.count / 2).map { MerkleTree.nodeHash(last[2 * $0], last[2 * $0 + 1]) })
        }
    }

    struct Missing: Error {}

    var source: SubtreeSource {
        { level, index in
            guard levels.indices.contains(level), index >= 0, index < levels[level].count else { throw Missing() }
            return levels[level][Int(index)]
        }
    }
}
