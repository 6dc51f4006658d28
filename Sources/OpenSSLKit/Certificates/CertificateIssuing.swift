internal import COpenSSL

/// What a new certificate says of its holder and for how long.
package struct CertificateRequest {
    /// X.520 attribute short names and values, most general first, e.g. `[("O", "Ministry"), ("CN", "Signer 1")]`.
    package var subject: [(attribute: String, value: String)]
    /// POSIX seconds.
    package var notBefore: Int64
    /// POSIX seconds.
    package var notAfter: Int64
    /// A certificate authority's, or a signer's of documents.
    package var isAuthority: Bool

    package init(
        subject: [(attribute: String, value: String)], notBefore: Int64, notAfter: Int64, isAuthority: Bool
    ) {
        self.subject = subject
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.isAuthority = isAuthority
    }
}

extension Certificate {
    /// A self-signed certificate: the root of an authority of a party's own.
    package static func selfSigned(_ request: CertificateRequest, key: PrivateKey) throws(OpenSSLError) -> Certificate {
        try make(request, publicKey: key.publicKey, issuer: nil, issuerKey: key)
    }

    /// A certificate issued by `issuer` with the authority's key.
    package static func issued(
        _ request: CertificateRequest, publicKey: PublicKey, issuer: Certificate, issuerKey: PrivateKey
    ) throws(OpenSSLError) -> Certificate {
        try make(request, publicKey: publicKey, issuer: issuer, issuerKey: issuerKey)
    }

    private static func make(
        _ request: CertificateRequest, publicKey: PublicKey, issuer: Certificate?, issuerKey: PrivateKey
    ) throws(OpenSSLError) -> Certificate {
        ERR_clear_error()
        guard let certificate = unsafe X509_new() else { throw OpenSSLError("making a certificate") }
        do throws(OpenSSLError) {
            try unsafe fill(certificate, request, publicKey: publicKey, issuer: issuer)
            let digest = issuerKey.algorithm.signingDigest
            guard unsafe X509_sign(certificate, issuerKey.pointer, digest.fetched) > 0 else {
                throw OpenSSLError("signing a certificate")
            }
        } catch {
            unsafe X509_free(certificate)
            throw error
        }
        return try unsafe Certificate(takingOwnershipOf: certificate)
    }

    // certificate: X509 *, borrowed
    private static func fill(
        _ certificate: OpaquePointer, _ request: CertificateRequest, publicKey: PublicKey, issuer: Certificate?
    ) throws(OpenSSLError) {
        // 159 random bits with the top one set: positive, never zero, within the 20 octets of RFC 5280, 4.1.2.2.
        guard let serial = unsafe BN_new() else { throw OpenSSLError("making a serial number") }
        defer { unsafe BN_free(serial) }
        let name = unsafe X509_get_subject_name(certificate)
        var made = unsafe BN_rand(serial, 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
        made = unsafe made && BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)) != nil
        made = unsafe made && X509_set_version(certificate, Int(X509_VERSION_3)) == 1
        made = unsafe made && ASN1_TIME_set(X509_getm_notBefore(certificate), Int(request.notBefore)) != nil
        made = unsafe made && ASN1_TIME_set(X509_getm_notAfter(certificate), Int(request.notAfter)) != nil
        made = unsafe made && X509_set_pubkey(certificate, publicKey.pointer) == 1
        for (attribute, value) in request.subject {
            let bytes = Array(value.utf8)
            let count = Int32(clamping: bytes.count)
            made = unsafe made && X509_NAME_add_entry_by_txt(name, attribute, MBSTRING_UTF8, bytes, count, -1, 0) == 1
        }
        let issuerName = unsafe issuer.map { unsafe X509_get_subject_name($0.pointer) } ?? name
        made = unsafe made && X509_set_issuer_name(certificate, issuerName) == 1
        guard made else { throw OpenSSLError("making a certificate") }

        let constraints = request.isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE"
        let usage = request.isAuthority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,nonRepudiation"
        let issuerPointer = unsafe issuer?.pointer ?? certificate
        try unsafe addExtension(NID_basic_constraints, constraints, to: certificate, issuer: issuerPointer)
        try unsafe addExtension(NID_key_usage, usage, to: certificate, issuer: issuerPointer)
        try unsafe addExtension(NID_subject_key_identifier, "hash", to: certificate, issuer: issuerPointer)
        if issuer != nil {
            try unsafe addExtension(NID_authority_key_identifier, "keyid", to: certificate, issuer: issuerPointer)
        }
    }

    // certificate, issuer: X509 *, borrowed
    private static func addExtension(
        _ identifier: Int32, _ value: String, to certificate: OpaquePointer, issuer: OpaquePointer
    ) throws(OpenSSLError) {
        var context = unsafe X509V3_CTX()
        unsafe bitim_X509V3_set_ctx(&context, issuer, certificate)
        guard let added = unsafe X509V3_EXT_nconf_nid(nil, &context, identifier, value) else {
            throw OpenSSLError("making a certificate's extension")
        }
        defer { unsafe X509_EXTENSION_free(added) }
        guard unsafe X509_add_ext(certificate, added, -1) == 1 else {
            throw OpenSSLError("making a certificate's extension")
        }
    }
}
