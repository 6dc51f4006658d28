internal import COpenSSL

package enum OpenSSLLibrary {
    /// Leaves the library as it is when the process ends. It would else take itself down while threads are ending that still
    /// give back what they had of it, and both would free the same memory (OPENSSL_init_crypto(3), OPENSSL_INIT_NO_ATEXIT).
    /// Of no effect after any other call.
    ///
    /// - Throws: `OpenSSLError` where the library cannot begin.
    package static func keepToTheEnd() throws(OpenSSLError) {
        guard OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1 else {
            throw OpenSSLError("begin with OpenSSL")
        }
    }
}
