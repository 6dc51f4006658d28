internal import COpenSSL
internal import SwiftASN1

extension SignedData {
    /// One party's signature over `content`: a SignedData in DER with the content inside, CAdES-B signed attributes
    /// (ETSI EN 319 122-1, 5), one signer and no certificate.
    ///
    /// - Parameter signingTime: POSIX seconds.
    package static func sign(
        _ content: [UInt8], certificate: Certificate, key: PrivateKey, signingTime: Int64
    ) throws(OpenSSLError) -> [UInt8] {
        ERR_clear_error()
        var flags = UInt32(CMS_PARTIAL | CMS_BINARY | CMS_NOCERTS | CMS_NOSMIMECAP | CMS_CADES)
        // Without parameters of its own, OpenSSL writes rsaEncryption over a PSS signature, which then never verifies.
        if case .rsaPSS = key.algorithm { flags |= UInt32(CMS_KEY_PARAM) }
        let input = try MemoryBIO(content)
        guard let message = unsafe CMS_sign(nil, nil, nil, nil, flags) else { throw OpenSSLError("signing") }
        defer { unsafe CMS_ContentInfo_free(message) }
        let digest = key.algorithm.signingDigest
        guard
            let signer = unsafe CMS_add1_signer(message, certificate.pointer, key.pointer, digest.fetched, flags)
        else { throw OpenSSLError("signing") }
        if case .rsaPSS = key.algorithm {
            // EVP_PKEY_CTX *, borrowed from the signer
            let context = unsafe CMS_SignerInfo_get0_pkey_ctx(signer)
            guard unsafe bitim_set_rsa_pss(context, digest.fetched, Int32(digest.byteCount)) == 1 else {
                throw OpenSSLError("signing")
            }
        }
        guard let time = unsafe ASN1_TIME_set(nil, Int(signingTime)) else { throw OpenSSLError("signing") }
        defer { unsafe ASN1_STRING_free(time) }
        // CMS_final would put its own clock's time in where none is.
        guard
            unsafe CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, ASN1_STRING_type(time), time, -1) == 1,
            unsafe CMS_final(message, input.pointer, nil, UInt32(CMS_BINARY)) == 1
        else { throw OpenSSLError("signing") }
        return try unsafe OpenSSLKit.derBytes("writing a signature") { unsafe i2d_CMS_ContentInfo(message, $0) }
    }

    /// One SignedData of several over the same content: signed attributes and signature values byte for byte as they
    /// were, unsigned attributes, certificates and revocation lists set aside.
    package static func assemble(_ parts: [SignedData]) throws(SignedDataError) -> [UInt8] {
        guard let content = parts.first?.content else { throw SignedDataError("there is no content to sign") }
        guard parts.allSatisfy({ $0.content == content }) else {
            throw SignedDataError("the signatures are not over the same content")
        }
        let signers = parts.flatMap(\.signerInfos)
        for signer in signers {
            guard let digest = signer.digestAlgorithm, signer.signedAttributes?.messageDigest == digest.hash(content)
            else { throw SignedDataError("a signature is over other content") }
            guard signer.signedAttributes?.isInDEROrder == true else {
                throw SignedDataError("a signature's attributes are not in DER order")
            }
        }
        return assemble(signers, content: content)
    }

    /// The frame around signatures that have been held against the content.
    static func assemble(_ signers: [SignerInfo], content: [UInt8]) -> [UInt8] {
        let digests = Array(Set(signers.map(\.digestAlgorithmDER)))
        return encode(digests: digests, content: content, signers: signers.map(\.derBytes))
    }

    /// The same signatures with nothing beside them: what a leaf of the ledger holds.
    package func withoutCertificates() throws(SignedDataError) -> [UInt8] {
        guard let content else { throw SignedDataError("the signature is detached from its content") }
        return Self.encode(
            version: version, digests: digestAlgorithmsDER, content: content, signers: signerInfos.map(\.derBytes))
    }

    private static func encode(
        version: Int = 1, digests: [[UInt8]], content: [UInt8], signers: [[UInt8]]
    ) -> [UInt8] {
        let encapsulated = RawDER.constructed(
            .sequence,
            [
                oid(ObjectIdentifiers.data)[...],
                RawDER.constructed(.context(0), [RawDER.primitive(.octetString, content)[...]])[...],
            ])
        let signedData = RawDER.constructed(
            .sequence,
            [
                RawDER.primitive(.integer, [UInt8(clamping: version)])[...], RawDER.set(digests)[...],
                encapsulated[...], RawDER.set(signers)[...],
            ])
        return RawDER.constructed(
            .sequence,
            [oid(ObjectIdentifiers.signedData)[...], RawDER.constructed(.context(0), [signedData[...]])[...]])
    }

    private static func oid(_ identifier: ASN1ObjectIdentifier) -> [UInt8] {
        var serializer = DER.Serializer()
        // Serialising a constant identifier cannot fail.
        try? serializer.serialize(identifier)
        return serializer.serializedBytes
    }

    /// The SignedData with certificates put in, its signatures unchanged: what leaves the registry, for verifiers that
    /// have nothing else.
    package static func embed(_ certificates: [Certificate], in derBytes: [UInt8]) throws(OpenSSLError) -> [UInt8] {
        let message = try CMSMessage(derBytes)
        for certificate in certificates
        where unsafe CMS_add1_cert(message.pointer, certificate.pointer) != 1 {
            throw OpenSSLError("embedding a certificate")
        }
        return try message.derBytes()
    }

    /// What OpenSSL writes after it has read `derBytes`: the same bytes when they are DER throughout, as far as it
    /// decodes them.
    package static func reencoded(_ derBytes: [UInt8]) throws(OpenSSLError) -> [UInt8] {
        try CMSMessage(derBytes).derBytes()
    }
}

/// A CMS_ContentInfo, freed with its scope.
@safe private struct CMSMessage: ~Copyable {
    // CMS_ContentInfo *, owned
    let pointer: OpaquePointer

    init(_ derBytes: [UInt8]) throws(OpenSSLError) {
        ERR_clear_error()
        let pointer: OpaquePointer? = unsafe derBytes.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe d2i_CMS_ContentInfo(nil, &cursor, buffer.count)
        }
        guard let pointer = unsafe pointer else { throw OpenSSLError("reading a signed entry") }
        unsafe self.pointer = pointer
    }

    deinit { unsafe CMS_ContentInfo_free(pointer) }

    func derBytes() throws(OpenSSLError) -> [UInt8] {
        try unsafe OpenSSLKit.derBytes("writing a signed entry") { unsafe i2d_CMS_ContentInfo(pointer, $0) }
    }
}
