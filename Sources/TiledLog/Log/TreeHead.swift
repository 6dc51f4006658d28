package import OpenSSLKit
internal import TransparencyLog

/// How many entries a log has, and the root over them.
package struct TreeHead: Hashable, Sendable {
    package let size: Int64
    package let root: SHA256Digest

    package init(size: Int64, root: SHA256Digest) {
        self.size = size
        self.root = root
    }

    package static let empty = TreeHead(size: 0, root: MerkleTree.emptyRoot)
}
