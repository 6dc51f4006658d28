import Agreements
import OpenSSLKit

/// A signer of a test: what it has and how it signs.
struct TestSigner: Sendable {
    let certificate: Certificate
    let key: PrivateKey
}

/// Object identifiers, by the names of their specifications.
enum OID {
    static let data = DERNode.objectIdentifier("2a864886f70d010701")
    static let digestedData = DERNode.objectIdentifier("2a864886f70d010705")
    static let contentType = DERNode.objectIdentifier("2a864886f70d010903")
    static let messageDigest = DERNode.objectIdentifier("2a864886f70d010904")
    static let signingTime = DERNode.objectIdentifier("2a864886f70d010905")
    static let smimeCapabilities = DERNode.objectIdentifier("2a864886f70d01090f")
    static let signingCertificateV2 = DERNode.objectIdentifier("2a864886f70d010910022f")
    static let timeStampToken = DERNode.objectIdentifier("2a864886f70d010910020e")
    static let sha1 = DERNode.objectIdentifier("2b0e03021a")
    static let sha256 = DERNode.objectIdentifier("608648016503040201")
    static let sha384 = DERNode.objectIdentifier("608648016503040202")
    static let sha512 = DERNode.objectIdentifier("608648016503040203")
    static let ecdsaWithSHA1 = DERNode.objectIdentifier("2a8648ce3d0401")
    static let ecdsaWithSHA256 = DERNode.objectIdentifier("2a8648ce3d040302")
    static let ecdsaWithSHA384 = DERNode.objectIdentifier("2a8648ce3d040303")
    static let ecdsaWithSHA512 = DERNode.objectIdentifier("2a8648ce3d040304")
    static let rsaEncryption = DERNode.objectIdentifier("2a864886f70d010101")
    static let rsaPSS = DERNode.objectIdentifier("2a864886f70d01010a")
    static let mgf1 = DERNode.objectIdentifier("2a864886f70d010108")
    static let ed25519 = DERNode.objectIdentifier("2b6570")
}

/// Makes SignerInfos without OpenSSL's CMS, so that a test can have any of them otherwise than it should be, signed
/// properly all the same.
struct HandSigning {
    var content: [UInt8]
    var signer: TestSigner
    var scheme: SignatureScheme = .ecdsa(.sha256)
    /// POSIX seconds.
    var signingTime: Int64

    func signerInfo() throws -> DERNode {
        let unsigned = DERNode.sequence([
            .integer([1]), Self.identifier(of: signer.certificate), digestAlgorithm, .context(0, attributes),
            signatureAlgorithm, .octetString([]),
        ])
        return try Self.signed(SignerTree(unsigned), key: signer.key, scheme: scheme).node
    }

    /// The same signer with its attributes as they are now, signed anew.
    static func signed(
        _ tree: SignerTree, key: PrivateKey, scheme: SignatureScheme = .ecdsa(.sha256)
    ) throws -> SignerTree {
        var tree = tree
        tree.signature = try key.sign(tree.signedBytes, scheme: scheme)
        return tree
    }

    /// A leaf of these SignerInfos, with sets in DER's order.
    static func leaf(content: [UInt8], signerInfos: [DERNode]) -> [UInt8] {
        let algorithms = signerInfos.map { $0[2] }.reduce(into: [DERNode]()) { if !$0.contains($1) { $0.append($1) } }
        return DERNode.sequence([
            .objectIdentifier("2a864886f70d010702"),
            .context(
                0,
                [
                    .sequence([
                        .integer([1]), .sortedSet(algorithms),
                        .sequence([OID.data, .context(0, [.octetString(content)])]), .sortedSet(signerInfos),
                    ])
                ]),
        ]).encoded
    }

    // MARK: Parts

    static func identifier(of certificate: Certificate) -> DERNode {
        .sequence([DERNode(certificate.issuer), .integer(certificate.serialNumber)])
    }

    static func attribute(_ type: DERNode, _ values: DERNode...) -> DERNode { .sequence([type, .set(values)]) }

    /// `YYMMDDhhmmssZ`
    static func utcTime(_ posixSeconds: Int64) -> [UInt8] {
        let text = UTCTime(posixSeconds: posixSeconds)?.text ?? ""
        return text.dropFirst(2).utf8.filter { !"-:T".utf8.contains($0) }
    }

    private var digest: DigestAlgorithm {
        switch scheme {
        case .ecdsa(let digest), .rsaPKCS1(let digest), .rsaPSS(let digest, _): digest
        case .ed25519: .sha512
        }
    }

    static func algorithm(_ digest: DigestAlgorithm) -> DERNode {
        switch digest {
        case .sha256: .sequence([OID.sha256])
        case .sha384: .sequence([OID.sha384])
        case .sha512: .sequence([OID.sha512])
        }
    }

    private var digestAlgorithm: DERNode { Self.algorithm(digest) }

    private var attributes: [DERNode] {
        DERNode.inDEROrder([
            Self.attribute(OID.contentType, OID.data),
            Self.attribute(OID.messageDigest, .octetString(digest.hash(content))),
            Self.attribute(OID.signingTime, .primitive(0x17, Self.utcTime(signingTime))),
            Self.attribute(OID.signingCertificateV2, Self.signingCertificate(signer.certificate, digest)),
        ])
    }

    /// RFC 5035, 3: one ESSCertIDv2, the hash's algorithm left out when it is SHA-256.
    static func signingCertificate(_ certificate: Certificate, _ digest: DigestAlgorithm) -> DERNode {
        let hash = DERNode.octetString(digest.hash(certificate.derBytes))
        let issuerSerial = DERNode.sequence([
            .sequence([.context(4, [DERNode(certificate.issuer)])]), .integer(certificate.serialNumber),
        ])
        let algorithm = digest == .sha256 ? [] : [algorithm(digest)]
        return .sequence([.sequence([.sequence(algorithm + [hash, issuerSerial])])])
    }

    private var signatureAlgorithm: DERNode {
        switch scheme {
        case .ecdsa(.sha256): .sequence([OID.ecdsaWithSHA256])
        case .ecdsa(.sha384): .sequence([OID.ecdsaWithSHA384])
        case .ecdsa(.sha512): .sequence([OID.ecdsaWithSHA512])
        case .rsaPKCS1: .sequence([OID.rsaEncryption, .null])
        case .rsaPSS(let digest, let saltLength):
            .sequence([
                OID.rsaPSS,
                .sequence([
                    .context(0, [.sequence([Self.algorithm(digest)[0], .null])]),
                    .context(1, [.sequence([OID.mgf1, .sequence([Self.algorithm(digest)[0], .null])])]),
                    .context(2, [.integer([UInt8(saltLength)])]),
                ]),
            ])
        case .ed25519: .sequence([OID.ed25519])
        }
    }
}
