internal import COpenSSL

/// HMAC-SHA256 (RFC 2104, FIPS 198-1) of bytes that come one after the other.
///
/// Not Sendable: a context belongs to the thread that made it.
@safe package struct HMACSHA256: ~Copyable {
    package static let byteCount = 32

    // EVP_MAC *: fetched once and never freed, as DigestAlgorithm's.
    nonisolated(unsafe) private static let fetched: OpaquePointer? = unsafe EVP_MAC_fetch(nil, "HMAC", nil)

    // EVP_MAC_CTX *, owned
    private let context: OpaquePointer
    private var isFinished = false

    /// - Parameter key: at least one byte.
    package init(key: SecretBytes) throws(OpenSSLError) {
        ERR_clear_error()
        guard let context = unsafe EVP_MAC_CTX_new(Self.fetched) else { throw OpenSSLError("computing HMAC-SHA256") }
        guard unsafe Self.begin(context, key) == 1 else {
            unsafe EVP_MAC_CTX_free(context)
            throw OpenSSLError("computing HMAC-SHA256")
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MAC_CTX_free(context) }

    private static func begin(_ context: OpaquePointer, _ key: SecretBytes) -> Int32 {
        var digest = Array("SHA256".utf8CString)
        return unsafe OSSL_MAC_PARAM_DIGEST.withCString { parameter in
            unsafe digest.withUnsafeMutableBufferPointer { name in
                let parameters = unsafe [
                    unsafe OSSL_PARAM_construct_utf8_string(parameter, name.baseAddress, 0),
                    unsafe OSSL_PARAM_construct_end(),
                ]
                return unsafe key.withUnsafeBytes { bytes in
                    unsafe EVP_MAC_init(context, bytes.baseAddress, bytes.count, parameters)
                }
            }
        }
    }

    package mutating func update(_ bytes: some Collection<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { unsafe update($0) }
        if done == nil { unsafe Array(bytes).withUnsafeBufferPointer { unsafe update($0) } }
    }

    private mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(!isFinished, "a code that is finished takes no more bytes")
        guard bytes.count > 0 else { return }
        // In memory it fails only when the library itself is broken or out of memory.
        let updated = unsafe EVP_MAC_update(context, bytes.baseAddress, bytes.count)
        precondition(updated == 1, "OpenSSL could not compute HMAC-SHA256")
    }

    /// The code of what was fed, 32 bytes. Once, and nothing after it.
    package mutating func finalize() -> [UInt8] {
        precondition(!isFinished, "a code is finished once")
        isFinished = true
        var code = [UInt8](repeating: 0, count: Self.byteCount)
        var count = 0
        let done = unsafe EVP_MAC_final(context, &code, &count, code.count)
        precondition(done == 1 && count == Self.byteCount, "OpenSSL could not compute HMAC-SHA256")
        return code
    }
}
