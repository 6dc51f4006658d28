internal import COpenSSL

/// A BIO that reads from or writes to memory, freed with its scope.
@safe struct MemoryBIO: ~Copyable {
    // BIO *, owned
    let pointer: OpaquePointer

    init() throws(OpenSSLError) {
        guard let pointer = unsafe BIO_new(BIO_s_mem()) else { throw OpenSSLError("allocating a buffer") }
        unsafe self.pointer = pointer
    }

    /// Holds a copy of `bytes`.
    init(_ bytes: [UInt8]) throws(OpenSSLError) {
        guard let pointer = unsafe BIO_new(BIO_s_mem()) else { throw OpenSSLError("allocating a buffer") }
        let written = unsafe BIO_write(pointer, bytes, Int32(clamping: bytes.count))
        guard bytes.isEmpty || Int(written) == bytes.count else {
            unsafe BIO_free(pointer)
            throw OpenSSLError("filling a buffer")
        }
        unsafe self.pointer = pointer
    }

    deinit { unsafe BIO_free(pointer) }

    var contents: [UInt8] {
        var data: UnsafeMutablePointer<CChar>?
        let count = unsafe bitim_BIO_get_mem_data(pointer, &data)
        guard count > 0, let data = unsafe data else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: data, count: count))
    }
}

/// The bytes that an `i2d` function writes into memory of its own.
func derBytes(
    _ operation: String,
    _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32
) throws(OpenSSLError) -> [UInt8] {
    var buffer: UnsafeMutablePointer<UInt8>?
    let count = unsafe encode(&buffer)
    guard count >= 0, let start = unsafe buffer else { throw OpenSSLError(operation) }
    defer { unsafe bitim_OPENSSL_free(start) }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
}
