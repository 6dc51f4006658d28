import OpenSSLKit

/// An authority with signers under it, all valid around `TestAuthority.time`.
struct TestAuthority: Sendable {
    /// 2027-01-15 08:00:00 UTC
    static let time: Int64 = 1_800_000_000

    struct Signer: Sendable {
        let certificate: Certificate
        let key: PrivateKey
        var scheme: SignatureScheme
    }

    let certificate: Certificate
    let key: PrivateKey

    init(_ name: String, key: PrivateKey? = nil) throws {
        let key = try key ?? PrivateKey.generateP256()
        self.key = key
        certificate = try Certificate.selfSigned(Self.request(name, isAuthority: true), key: key)
    }

    init(certificate: Certificate, key: PrivateKey) {
        self.certificate = certificate
        self.key = key
    }

    static func request(
        _ name: String, isAuthority: Bool, notBefore: Int64 = time - 86400, notAfter: Int64 = time + 86400
    ) -> CertificateRequest {
        CertificateRequest(
            subject: [("C", "UZ"), ("O", "Bitim келісім"), ("CN", name)], notBefore: notBefore, notAfter: notAfter,
            isAuthority: isAuthority)
    }

    func issue(
        _ name: String, _ publicKey: PublicKey, isAuthority: Bool = false, notBefore: Int64 = time - 86400,
        notAfter: Int64 = time + 86400
    ) throws -> Certificate {
        try Certificate.issued(
            Self.request(name, isAuthority: isAuthority, notBefore: notBefore, notAfter: notAfter),
            publicKey: publicKey,
            issuer: certificate, issuerKey: key)
    }

    func signer(_ name: String, key: PrivateKey? = nil, scheme: SignatureScheme = .ecdsa(.sha256)) throws -> Signer {
        let key = try key ?? PrivateKey.generateP256()
        return Signer(certificate: try issue(name, key.publicKey), key: key, scheme: scheme)
    }
}

extension TestAuthority.Signer {
    func signed(_ content: [UInt8], at time: Int64 = TestAuthority.time) throws -> SignedData {
        try SignedData(
            derBytes: SignedData.sign(content, certificate: certificate, key: key, signingTime: time))
    }
}
