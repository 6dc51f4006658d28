internal import SwiftASN1

/// One signature of a SignedData (RFC 5652, 5.3), read strictly.
package struct SignerInfo: Sendable {
    package let version: Int
    /// DER of the issuer's Name; nil when the signer is named by its key identifier.
    package let issuer: [UInt8]?
    /// Content octets of the serial number; nil like `issuer`.
    package let serialNumber: [UInt8]?
    /// DER of the digest's AlgorithmIdentifier.
    package let digestAlgorithmDER: [UInt8]
    /// Nil for an algorithm that is not known here.
    package let digestAlgorithm: DigestAlgorithm?
    /// DER of the signed attributes under the SET OF tag: what the signature covers (RFC 5652, 5.4). Nil when absent.
    package let signedAttributesDER: [UInt8]?
    package let signedAttributes: SignedAttributes?
    /// Nil for an algorithm that is not known here, or one that does not go with the digest.
    package let scheme: SignatureScheme?
    package let signature: [UInt8]
    package let hasUnsignedAttributes: Bool
    /// DER of the SignerInfo without its unsigned attributes.
    package let derBytes: [UInt8]

    init(_ node: ASN1Node) throws(SignedDataError) {
        var fields = try node.children(.sequence, of: "a signer info")[...]
        func next(_ field: String) throws(SignedDataError) -> ASN1Node {
            guard let node = fields.popFirst() else { throw SignedDataError("\(field) is missing") }
            return node
        }
        version = try next("a signer's version").integer(of: "a signer's version")

        let identifier = try next("a signer's identifier")
        if identifier.identifier == .sequence {
            let parts = try identifier.children(.sequence, of: "a signer's identifier")
            guard parts.count == 2 else { throw SignedDataError("a signer's identifier has not two fields") }
            issuer = Array(parts[0].encodedBytes)
            serialNumber = try parts[1].integerOctets(of: "a signer's serial number")
        } else {
            issuer = nil
            serialNumber = nil
        }

        let digest = try next("a digest algorithm")
        digestAlgorithmDER = Array(digest.encodedBytes)
        digestAlgorithm = try AlgorithmIdentifier(digest).digest

        var attributes: ASN1Node?
        if fields.first?.identifier == .context(0) { attributes = fields.popFirst() }
        if let attributes {
            signedAttributes = try SignedAttributes(attributes)
            signedAttributesDER = [0x31] + attributes.encodedBytes.dropFirst()
        } else {
            signedAttributes = nil
            signedAttributesDER = nil
        }

        let algorithm = try AlgorithmIdentifier(next("a signature algorithm"))
        scheme = algorithm.scheme(digest: digestAlgorithm)
        signature = try next("a signature").octets(of: "a signature")
        hasUnsignedAttributes = fields.first?.identifier == .context(1)
        let unsigned = hasUnsignedAttributes ? fields.popFirst() : nil
        guard fields.isEmpty else { throw SignedDataError("a signer info has fields that it must not have") }

        guard unsigned != nil else {
            derBytes = Array(node.encodedBytes)
            return
        }
        let kept = try node.children(.sequence, of: "a signer info").dropLast()
        derBytes = RawDER.constructed(.sequence, kept.map(\.encodedBytes))
    }
}

/// An AlgorithmIdentifier (RFC 5280, 4.1.1.2).
struct AlgorithmIdentifier {
    let algorithm: ASN1ObjectIdentifier
    let parameters: ASN1Node?

    init(_ node: ASN1Node) throws(SignedDataError) {
        let fields = try node.children(.sequence, of: "an algorithm identifier")
        guard let first = fields.first, fields.count <= 2 else {
            throw SignedDataError("an algorithm identifier has not one or two fields")
        }
        algorithm = try first.objectIdentifier(of: "an algorithm")
        parameters = fields.dropFirst().first
    }

    private var hasNoParameters: Bool { parameters == nil }
    private var hasNoOrNullParameters: Bool { parameters.map(\.isNull) ?? true }

    /// RFC 5754, 2: parameters are absent or NULL.
    var digest: DigestAlgorithm? {
        hasNoOrNullParameters ? ObjectIdentifiers.digest(algorithm) : nil
    }

    /// The signature scheme, when it is one of those here and names no other digest than the signer's.
    func scheme(digest: DigestAlgorithm?) -> SignatureScheme? {
        guard let digest else { return nil }
        switch algorithm {
        case ObjectIdentifiers.ecdsaWithSHA256:
            return digest == .sha256 && hasNoParameters ? .ecdsa(.sha256) : nil
        case ObjectIdentifiers.ecdsaWithSHA384:
            return digest == .sha384 && hasNoParameters ? .ecdsa(.sha384) : nil
        case ObjectIdentifiers.ecdsaWithSHA512:
            return digest == .sha512 && hasNoParameters ? .ecdsa(.sha512) : nil
        case ObjectIdentifiers.rsaEncryption:
            return hasNoOrNullParameters ? .rsaPKCS1(digest) : nil
        case ObjectIdentifiers.sha256WithRSA:
            return digest == .sha256 && hasNoOrNullParameters ? .rsaPKCS1(.sha256) : nil
        case ObjectIdentifiers.sha384WithRSA:
            return digest == .sha384 && hasNoOrNullParameters ? .rsaPKCS1(.sha384) : nil
        case ObjectIdentifiers.sha512WithRSA:
            return digest == .sha512 && hasNoOrNullParameters ? .rsaPKCS1(.sha512) : nil
        case ObjectIdentifiers.rsaPSS:
            return pssScheme(digest: digest)
        default:
            return nil
        }
    }

    /// RSASSA-PSS-params (RFC 4055, 3.1): digest and MGF1 digest must be the signer's own; the trailer is the default.
    private func pssScheme(digest: DigestAlgorithm) -> SignatureScheme? {
        guard let parameters, let fields = try? parameters.children(.sequence, of: "PSS parameters") else { return nil }
        // Nobody signs these parameters: read as laxly as they come, they would be many encodings of one signature, and
        // some of them OpenSSL refuses.
        let tags = fields.map(\.identifier)
        guard tags == [.context(0), .context(1)] || tags == [.context(0), .context(1), .context(2)] else { return nil }
        var hash: DigestAlgorithm?
        var mask: DigestAlgorithm?
        var saltLength = 20
        for field in fields {
            guard let inner = try? field.children(field.identifier, of: "PSS parameters"), inner.count == 1 else {
                return nil
            }
            switch field.identifier {
            case .context(0):
                hash = (try? AlgorithmIdentifier(inner[0]))?.digest
            case .context(1):
                guard let generator = try? AlgorithmIdentifier(inner[0]),
                    generator.algorithm == ObjectIdentifiers.mgf1, let digestNode = generator.parameters
                else { return nil }
                mask = (try? AlgorithmIdentifier(digestNode))?.digest
            case .context(2):
                guard let length = try? inner[0].integer(of: "salt length"), (0...512).contains(length) else {
                    return nil
                }
                saltLength = length
            default:
                return nil
            }
        }
        guard hash == digest, mask == digest else { return nil }
        return .rsaPSS(digest, saltLength: saltLength)
    }
}
