internal import COpenSSL

/// One reusable SHA-256 context over an algorithm that was fetched once: about three times as fast on small inputs as
/// the one-shot calls, which look the algorithm up each time.
///
/// Not Sendable: a context belongs to the thread that made it.
@safe package struct SHA256Hasher: ~Copyable {
    // EVP_MD_CTX *, owned
    private let context: OpaquePointer

    package init() {
        guard let context = unsafe EVP_MD_CTX_new(),
            unsafe EVP_DigestInit_ex2(context, DigestAlgorithm.fetchedSHA256, nil) == 1
        else { preconditionFailure("OpenSSL has no SHA-256 or no memory") }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        let updated = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(updated == 1, "OpenSSL could not compute SHA-256")
    }

    package mutating func update(_ bytes: some Collection<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { unsafe update(UnsafeRawBufferPointer($0)) }
        if done == nil { unsafe Array(bytes).withUnsafeBytes { unsafe update($0) } }
    }

    /// Without the generic detour, for what is hashed by the million.
    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    package mutating func update(_ byte: UInt8) {
        unsafe withUnsafeBytes(of: byte) { unsafe update($0) }
    }

    package mutating func update(_ digest: SHA256Digest) {
        unsafe digest.withUnsafeBytes { unsafe update($0) }
    }

    /// The digest of what was fed, after which the hasher is as new.
    package mutating func finalize() -> SHA256Digest {
        let digest = unsafe SHA256Digest { unsafe EVP_DigestFinal_ex(context, $0, nil) == 1 }
        let restarted = unsafe EVP_DigestInit_ex2(context, nil, nil)
        precondition(restarted == 1, "OpenSSL could not restart SHA-256")
        return digest
    }

    /// The digest of a byte and two digests, fed at once.
    package mutating func hash(
        _ prefix: UInt8, _ left: SHA256Digest, _ right: SHA256Digest
    ) -> SHA256Digest {
        let count = SHA256Digest.byteCount
        return unsafe withUnsafeTemporaryAllocation(byteCount: 1 + 2 * count, alignment: 1) { block in
            unsafe block.storeBytes(of: prefix, as: UInt8.self)
            unsafe left.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: block[1...]).copyMemory(from: $0)
            }
            unsafe right.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: block[(1 + count)...]).copyMemory(from: $0)
            }
            unsafe update(UnsafeRawBufferPointer(block))
            return finalize()
        }
    }

    package mutating func hash(_ bytes: some Collection<UInt8>) -> SHA256Digest {
        update(bytes)
        return finalize()
    }

    package mutating func hash(_ bytes: Span<UInt8>) -> SHA256Digest {
        update(bytes)
        return finalize()
    }

    package static func hash(_ bytes: some Collection<UInt8>) -> SHA256Digest {
        var hasher = SHA256Hasher()
        return hasher.hash(bytes)
    }
}
