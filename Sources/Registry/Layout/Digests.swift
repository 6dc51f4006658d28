package import Agreements
package import OpenSSLKit

// The two stacks know nothing of each other: here a hash that was computed becomes a value that a statement may name.

extension ContentDigest {
    package init(_ digest: SHA256Digest) {
        // A SHA-256 digest has the 32 bytes that are asked for.
        guard let value = ContentDigest(bytes: digest.bytes) else { preconditionFailure("a digest has 32 bytes") }
        self = value
    }

    package static func of(_ bytes: [UInt8]) -> ContentDigest { ContentDigest(SHA256Hasher.hash(bytes)) }
}
