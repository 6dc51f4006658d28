internal import COpenSSL

/// The digests that signatures may use. Their names are those of RFC 5754.
package enum DigestAlgorithm: String, CaseIterable, Sendable {
    case sha256, sha384, sha512

    // EVP_MD *: fetched once and never freed, as long as the process lives. Immutable after the fetch, and OpenSSL
    // counts its references atomically, hence safe to share.
    nonisolated(unsafe) static let fetchedSHA256: OpaquePointer? = unsafe EVP_MD_fetch(nil, "SHA256", nil)
    nonisolated(unsafe) private static let fetchedSHA384: OpaquePointer? = unsafe EVP_MD_fetch(nil, "SHA384", nil)
    nonisolated(unsafe) private static let fetchedSHA512: OpaquePointer? = unsafe EVP_MD_fetch(nil, "SHA512", nil)

    // EVP_MD *, borrowed
    var fetched: OpaquePointer? {
        switch self {
        case .sha256: unsafe Self.fetchedSHA256
        case .sha384: unsafe Self.fetchedSHA384
        case .sha512: unsafe Self.fetchedSHA512
        }
    }

    package var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    package func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
        if self == .sha256 { return SHA256Hasher.hash(bytes).bytes }
        var digest = [UInt8](repeating: 0, count: byteCount)
        let input = Array(bytes)
        let done = unsafe digest.withUnsafeMutableBufferPointer { output in
            unsafe EVP_Digest(input, input.count, output.baseAddress, nil, fetched, nil)
        }
        precondition(done == 1, "OpenSSL could not compute \(rawValue)")
        return digest
    }
}
