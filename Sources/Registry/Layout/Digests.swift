package import Agreements
package import OpenSSLKit

// The two stacks know nothing of each other: here a hash that was computed becomes a value that a statement may name.

extension ContentDigest {
    package init(_ digest: SHA256Digest) {
        self.init(words: digest.words)
    }

    package static func of(_ bytes: [UInt8]) -> ContentDigest { ContentDigest(SHA256Hasher.hash(bytes)) }

    package static func of(_ bytes: ArraySlice<UInt8>) -> ContentDigest { ContentDigest(SHA256Hasher.hash(bytes)) }
}

extension SHA256Digest {
    init(_ digest: ContentDigest) {
        self.init(words: digest.words)
    }
}
