internal import COpenSSL

/// A public key: what a signature is checked with.
@safe package final class PublicKey: @unchecked Sendable {
    // EVP_PKEY *, owned. Sendable: never changed after init, and OpenSSL documents concurrent use of an immutable
    // EVP_PKEY as safe; every operation below makes a context of its own.
    let pointer: OpaquePointer

    /// What kind of key it is, read once.
    package let algorithm: KeyAlgorithm

    init(takingOwnershipOf pointer: OpaquePointer) {
        unsafe self.pointer = pointer
        algorithm = unsafe keyAlgorithm(of: pointer)
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    /// From the DER of a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), of which no byte may be left over.
    package convenience init(subjectPublicKeyInfo der: [UInt8]) throws(OpenSSLError) {
        ERR_clear_error()
        let pointer: OpaquePointer? = unsafe der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            guard let key = unsafe d2i_PUBKEY(nil, &cursor, buffer.count) else { return nil }
            guard let start = buffer.baseAddress, let end = unsafe cursor, unsafe end - start == buffer.count else {
                unsafe EVP_PKEY_free(key)
                return nil
            }
            return unsafe key
        }
        guard let pointer = unsafe pointer else { throw OpenSSLError("reading a public key") }
        unsafe self.init(takingOwnershipOf: pointer)
    }

    /// From the 32 bytes of RFC 8032.
    package convenience init(ed25519 bytes: [UInt8]) throws(OpenSSLError) {
        ERR_clear_error()
        guard let pointer = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count) else {
            throw OpenSSLError("reading an Ed25519 public key")
        }
        unsafe self.init(takingOwnershipOf: pointer)
    }

    /// DER of the SubjectPublicKeyInfo.
    package func subjectPublicKeyInfo() throws(OpenSSLError) -> [UInt8] {
        try unsafe derBytes("writing a public key") { unsafe i2d_PUBKEY(pointer, $0) }
    }

    /// The 32 bytes of an Ed25519 key; nil for any other kind.
    package var ed25519Bytes: [UInt8]? {
        guard algorithm == .ed25519 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard unsafe EVP_PKEY_get_raw_public_key(pointer, &bytes, &count) == 1, count == 32 else { return nil }
        return bytes
    }

    /// Whether `signature` over `message` was made with this key. A malformed signature is simply not one.
    package func isValid(signature: [UInt8], for message: [UInt8], scheme: SignatureScheme) -> Bool {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        // EVP_PKEY_CTX *, borrowed from the context
        var keyContext: OpaquePointer?
        guard unsafe EVP_DigestVerifyInit(context, &keyContext, scheme.digest?.fetched, nil, pointer) == 1 else {
            return false
        }
        if case .rsaPSS(let digest, let saltLength) = scheme {
            guard unsafe bitim_set_rsa_pss(keyContext, digest.fetched, Int32(clamping: saltLength)) == 1 else {
                return false
            }
        }
        return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

// pointer: EVP_PKEY *, borrowed
private func keyAlgorithm(of pointer: OpaquePointer) -> KeyAlgorithm {
    if unsafe EVP_PKEY_is_a(pointer, "ED25519") == 1 { return .ed25519 }
    if unsafe EVP_PKEY_is_a(pointer, "RSA") == 1 { return .rsa(bits: unsafe Int(EVP_PKEY_get_bits(pointer))) }
    if unsafe EVP_PKEY_is_a(pointer, "RSA-PSS") == 1 { return .rsaPSS(bits: unsafe Int(EVP_PKEY_get_bits(pointer))) }
    if unsafe EVP_PKEY_is_a(pointer, "EC") == 1 {
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        guard unsafe EVP_PKEY_get_group_name(pointer, &name, name.count, &count) == 1 else { return .other("EC") }
        switch String(decoding: name.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) {
        case "prime256v1": return .p256
        case "secp384r1": return .p384
        case let curve: return .other("EC \(curve)")
        }
    }
    guard let name = unsafe EVP_PKEY_get0_type_name(pointer) else { return .other("unknown") }
    return .other(unsafe String(cString: name))
}
