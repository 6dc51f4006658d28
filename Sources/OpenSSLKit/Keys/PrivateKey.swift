internal import COpenSSL

/// A private key.
@safe package final class PrivateKey: @unchecked Sendable {
    // EVP_PKEY *, owned. Sendable for the same reason as PublicKey.
    let pointer: OpaquePointer

    package let publicKey: PublicKey

    package var algorithm: KeyAlgorithm { publicKey.algorithm }

    init(takingOwnershipOf pointer: OpaquePointer) {
        unsafe self.pointer = pointer
        // The public half lives in the same object; its own reference keeps it alive.
        unsafe EVP_PKEY_up_ref(pointer)
        publicKey = unsafe PublicKey(takingOwnershipOf: pointer)
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    package static func generateP256() throws(OpenSSLError) -> PrivateKey {
        ERR_clear_error()
        guard let pointer = unsafe bitim_EVP_EC_gen("P-256") else { throw OpenSSLError("generating a P-256 key") }
        return unsafe PrivateKey(takingOwnershipOf: pointer)
    }

    package static func generateP384() throws(OpenSSLError) -> PrivateKey {
        ERR_clear_error()
        guard let pointer = unsafe bitim_EVP_EC_gen("P-384") else { throw OpenSSLError("generating a P-384 key") }
        return unsafe PrivateKey(takingOwnershipOf: pointer)
    }

    package static func generateEd25519() throws(OpenSSLError) -> PrivateKey {
        ERR_clear_error()
        guard let pointer = unsafe bitim_Ed25519_gen() else { throw OpenSSLError("generating an Ed25519 key") }
        return unsafe PrivateKey(takingOwnershipOf: pointer)
    }

    /// An RSA key; with `isPSS` one that the object identifier id-RSASSA-PSS restricts to that padding, and that leaves
    /// digest and salt open (RFC 4055, 3.1: no parameters).
    private static func generateRSA(bits: Int, isPSS: Bool) throws(OpenSSLError) -> PrivateKey {
        ERR_clear_error()
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, isPSS ? "RSA-PSS" : "RSA", nil) else {
            throw OpenSSLError("generating an RSA key")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        // EVP_PKEY *, owned when it was made
        var pointer: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(clamping: bits)) == 1,
            unsafe EVP_PKEY_generate(context, &pointer) == 1, let pointer = unsafe pointer
        else { throw OpenSSLError("generating an RSA key") }
        return unsafe PrivateKey(takingOwnershipOf: pointer)
    }

    package static func generate(_ algorithm: KeyAlgorithm) throws(OpenSSLError) -> PrivateKey {
        switch algorithm {
        case .p256: try generateP256()
        case .p384: try generateP384()
        case .rsa(let bits): try generateRSA(bits: bits, isPSS: false)
        case .rsaPSS(let bits): try generateRSA(bits: bits, isPSS: true)
        case .ed25519: try generateEd25519()
        case .other(let name): throw OpenSSLError("generating a key", reason: "\(name) keys are not made here")
        }
    }

    /// A signature over `message`. ECDSA signatures are DER (RFC 3279, 2.2.3).
    package func sign(_ message: [UInt8], scheme: SignatureScheme) throws(OpenSSLError) -> [UInt8] {
        ERR_clear_error()
        guard let context = unsafe EVP_MD_CTX_new() else { throw OpenSSLError("signing") }
        defer { unsafe EVP_MD_CTX_free(context) }
        // EVP_PKEY_CTX *, borrowed from the context
        var keyContext: OpaquePointer?
        guard unsafe EVP_DigestSignInit(context, &keyContext, scheme.digest?.fetched, nil, pointer) == 1 else {
            throw OpenSSLError("signing")
        }
        if case .rsaPSS(let digest, let saltLength) = scheme {
            guard unsafe bitim_set_rsa_pss(keyContext, digest.fetched, Int32(clamping: saltLength)) == 1 else {
                throw OpenSSLError("signing")
            }
        }
        var count = 0
        guard unsafe EVP_DigestSign(context, nil, &count, message, message.count) == 1 else {
            throw OpenSSLError("signing")
        }
        var signature = [UInt8](repeating: 0, count: count)
        guard unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
            throw OpenSSLError("signing")
        }
        return Array(signature.prefix(count))
    }
}
