internal import COpenSSL

/// One public key made ready for one signature scheme: what `PublicKey.isValid` makes anew for each signature.
///
/// Not Sendable: a context belongs to the thread that made it.
@safe package final class VerificationContext {
    // EVP_PKEY_CTX *, owned; it holds a reference to the key.
    private let context: OpaquePointer

    /// Nil when the key cannot be used with that scheme.
    package init?(key: PublicKey, scheme: SignatureScheme) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let digest = scheme.digest, let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil) else {
            return nil
        }
        var isReady = unsafe EVP_PKEY_verify_init(context) == 1
        isReady = unsafe isReady && EVP_PKEY_CTX_set_signature_md(context, digest.fetched) == 1
        if case .rsaPSS(_, let saltLength) = scheme {
            isReady =
                unsafe isReady && bitim_set_rsa_pss(context, digest.fetched, Int32(clamping: saltLength)) == 1
        }
        guard isReady else {
            unsafe EVP_PKEY_CTX_free(context)
            return nil
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_PKEY_CTX_free(context) }

    /// Whether `signature` was made with this key over what has that digest. A malformed signature is simply not one.
    package func isValid(signature: Span<UInt8>, digest: Span<UInt8>) -> Bool {
        let isValid = unsafe signature.withUnsafeBufferPointer { signature in
            unsafe digest.withUnsafeBufferPointer { digest in
                unsafe EVP_PKEY_verify(
                    context, signature.baseAddress, signature.count, digest.baseAddress, digest.count) == 1
            }
        }
        if !isValid { ERR_clear_error() }
        return isValid
    }
}
