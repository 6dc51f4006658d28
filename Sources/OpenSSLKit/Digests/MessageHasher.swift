internal import COpenSSL

/// A digest under any of the algorithms, kept inline.
package struct MessageDigest {
    fileprivate var storage = InlineArray<64, UInt8>(repeating: 0)
    fileprivate let count: Int

    package func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        body(storage.span.extracting(0..<count))
    }
}

/// One reusable context over an algorithm that was fetched once.
///
/// Not Sendable: a context belongs to the thread that made it.
@safe package final class MessageHasher {
    // EVP_MD_CTX *, owned
    private let context: OpaquePointer
    package let algorithm: DigestAlgorithm

    package init(_ algorithm: DigestAlgorithm) {
        guard let context = unsafe EVP_MD_CTX_new(),
            unsafe EVP_DigestInit_ex2(context, algorithm.fetched, nil) == 1
        else { preconditionFailure("OpenSSL has no \(algorithm.rawValue) or no memory") }
        unsafe self.context = context
        self.algorithm = algorithm
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// The digest of `bytes`, the first of which is taken to be another where one is given.
    package func hash(_ bytes: Span<UInt8>, first: UInt8? = nil) -> MessageDigest {
        var rest = bytes
        if let first, !bytes.isEmpty {
            unsafe withUnsafeBytes(of: first) { unsafe update($0) }
            rest = bytes.extracting(1..<bytes.count)
        }
        unsafe rest.withUnsafeBytes { unsafe update($0) }
        var digest = MessageDigest(count: algorithm.byteCount)
        var output = digest.storage.mutableSpan
        let done = unsafe output.withUnsafeMutableBufferPointer { buffer in
            unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1
                && EVP_DigestInit_ex2(context, nil, nil) == 1
        }
        // In memory it fails only when the library itself is broken or out of memory.
        precondition(done, "OpenSSL could not compute \(algorithm.rawValue)")
        return digest
    }

    private func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        let updated = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(updated == 1, "OpenSSL could not compute \(algorithm.rawValue)")
    }
}
