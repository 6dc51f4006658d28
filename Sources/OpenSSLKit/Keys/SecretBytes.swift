internal import COpenSSL

/// Bytes that are wiped when nobody holds them any more: passphrases and decrypted keys. Never a String, never printed.
@safe package final class SecretBytes: Sendable {
    // Written in init only and wiped in deinit, when no other reference is left; read-only between.
    nonisolated(unsafe) private let buffer: UnsafeMutableBufferPointer<UInt8>

    /// Takes the bytes over and wipes the array that they came in.
    package init(consuming bytes: inout [UInt8]) {
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = unsafe buffer.initialize(from: bytes)
        unsafe self.buffer = buffer
        unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    }

    deinit {
        unsafe OPENSSL_cleanse(buffer.baseAddress, buffer.count)
        unsafe buffer.deallocate()
    }

    package var count: Int { unsafe buffer.count }

    func withUnsafeBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        try unsafe body(UnsafeBufferPointer(buffer))
    }
}

extension SecretBytes: CustomStringConvertible {
    package var description: String { "(secret)" }
}

extension SecretBytes {
    /// From OpenSSL's generator for secrets (RAND_priv_bytes).
    package static func random(count: Int) throws(OpenSSLError) -> SecretBytes {
        ERR_clear_error()
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe RAND_priv_bytes(&bytes, Int32(clamping: count)) == 1 else {
            throw OpenSSLError("generating random bytes")
        }
        return SecretBytes(consuming: &bytes)
    }

    /// A copy to be written to a file that only its owner can read, and to nothing else.
    package func revealed() -> [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
