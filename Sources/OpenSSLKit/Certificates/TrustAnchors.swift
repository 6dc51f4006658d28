internal import COpenSSL

/// One party's trust anchors, and whether a certificate chains to them (RFC 5280, 6).
@safe package final class TrustAnchors: @unchecked Sendable {
    /// A chain that was found, and when all of it is valid.
    package struct Chain: Sendable {
        /// POSIX seconds: the latest notBefore of the chain.
        package let notBefore: Int64
        /// POSIX seconds: the earliest notAfter of the chain.
        package let notAfter: Int64
        /// Leaf first, anchor last.
        package let fingerprints: [SHA256Digest]

        package func isValid(at time: Int64) -> Bool { notBefore <= time && time <= notAfter }
    }

    package enum Outcome: Sendable {
        case chain(Chain)
        /// OpenSSL's own words for why there is none.
        case noChain(String)
    }

    // X509_STORE *, owned. Sendable: filled in init, then only read; OpenSSL locks its cache inside.
    private let store: OpaquePointer

    package let anchors: [Certificate]

    package init(_ anchors: [Certificate]) throws(OpenSSLError) {
        ERR_clear_error()
        guard let store = unsafe X509_STORE_new() else { throw OpenSSLError("making a certificate store") }
        for anchor in anchors where unsafe X509_STORE_add_cert(store, anchor.pointer) != 1 {
            unsafe X509_STORE_free(store)
            throw OpenSSLError("making a certificate store")
        }
        unsafe self.store = store
        self.anchors = anchors
    }

    deinit { unsafe X509_STORE_free(store) }

    /// Finds a chain without regard to time: the caller compares `notBefore` and `notAfter` with the time that counts,
    /// so that one search serves every signature of a certificate.
    package func chain(for certificate: Certificate, intermediates: [Certificate]) -> Outcome {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let context = unsafe X509_STORE_CTX_new() else { return .noChain("out of memory") }
        defer { unsafe X509_STORE_CTX_free(context) }
        guard let untrusted = unsafe bitim_sk_X509_new() else { return .noChain("out of memory") }
        defer { unsafe bitim_sk_X509_free(untrusted) }
        for intermediate in intermediates where unsafe bitim_sk_X509_push(untrusted, intermediate.pointer) == 0 {
            return .noChain("out of memory")
        }
        guard unsafe X509_STORE_CTX_init(context, store, certificate.pointer, untrusted) == 1 else {
            return .noChain("out of memory")
        }
        let parameters = unsafe X509_STORE_CTX_get0_param(context)
        // 80 bits: nothing that is signed with SHA-1 issues a signer.
        unsafe X509_VERIFY_PARAM_set_auth_level(parameters, 1)
        unsafe X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_NO_CHECK_TIME))
        // Signing tools of states put extended key usages of their own into certificates; which usages count is
        // decided by key usage alone, see Certificate.allowsSignatures.
        unsafe X509_VERIFY_PARAM_set_purpose(parameters, Int32(X509_PURPOSE_ANY))
        guard unsafe X509_verify_cert(context) == 1 else {
            let code = unsafe X509_STORE_CTX_get_error(context)
            return .noChain(unsafe String(cString: X509_verify_cert_error_string(Int(code))))
        }
        return withExtendedLifetime(intermediates) { unsafe found(in: context) }
    }

    // context: X509_STORE_CTX *, borrowed
    private func found(in context: OpaquePointer) -> Outcome {
        // STACK_OF(X509) *, borrowed from the context
        let chain = unsafe X509_STORE_CTX_get0_chain(context)
        var notBefore = Int64.min
        var notAfter = Int64.max
        var fingerprints: [SHA256Digest] = []
        for position in 0..<(unsafe bitim_sk_X509_num(chain)) {
            guard let borrowed = unsafe bitim_sk_X509_value(chain, position), unsafe X509_up_ref(borrowed) == 1,
                let link = try? unsafe Certificate(takingOwnershipOf: borrowed)
            else { return .noChain("a certificate of the chain cannot be read") }
            notBefore = max(notBefore, link.notBefore)
            notAfter = min(notAfter, link.notAfter)
            fingerprints.append(link.fingerprint)
        }
        return .chain(Chain(notBefore: notBefore, notAfter: notAfter, fingerprints: fingerprints))
    }
}
