internal import COpenSSL

package enum OpenSSLLibrary {
    /// Leaves the library as it is when the process ends. It would else take itself down while threads are ending that still
    /// give back what they had of it, and both would free the same memory. Before any other call.
    ///
    /// - Throws: `OpenSSLError` where it had begun already.
    package static func keepToTheEnd() throws(OpenSSLError) {
        guard OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1 else {
            throw OpenSSLError("begin with OpenSSL")
        }
    }
}
