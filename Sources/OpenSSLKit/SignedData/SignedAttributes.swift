internal import SwiftASN1

/// The signed attributes of one signature, as CAdES-B wants them (ETSI EN 319 122-1, 5): each once, with one value.
package struct SignedAttributes: Sendable {
    /// Whether content-type is there and is id-data.
    package private(set) var contentTypeIsData = false
    package private(set) var messageDigest: [UInt8]?
    /// POSIX seconds: when the signer says it signed.
    package private(set) var signingTime: Int64?
    package private(set) var signingCertificate: SigningCertificate?
    /// Dotted identifiers of attributes beyond those four.
    package private(set) var otherAttributes: [String] = []
    /// Dotted identifiers of attributes that are there more than once.
    package private(set) var repeatedAttributes: [String] = []
    /// Whether they stand in DER's order. OpenSSL sorts them before it checks, other verifiers do not.
    package let isInDEROrder: Bool

    init(_ node: ASN1Node) throws(SignedDataError) {
        let attributes = try node.children(.context(0), of: "signed attributes")
        isInDEROrder = isStrictlyAscending(attributes)
        var seen: Set<String> = []
        for attribute in attributes {
            let fields = try attribute.children(.sequence, of: "a signed attribute")
            guard fields.count == 2 else { throw SignedDataError("a signed attribute has not two fields") }
            let type = try fields[0].objectIdentifier(of: "a signed attribute's type")
            let values = try fields[1].children(.set, of: "a signed attribute's values")
            guard seen.insert("\(type)").inserted else {
                repeatedAttributes.append("\(type)")
                continue
            }
            guard values.count == 1, let value = values.first else {
                throw SignedDataError("signed attribute \(type) has not one value")
            }
            switch type {
            case ObjectIdentifiers.contentType:
                contentTypeIsData = try value.objectIdentifier(of: "content-type") == ObjectIdentifiers.data
            case ObjectIdentifiers.messageDigest:
                messageDigest = try value.octets(of: "message-digest")
            case ObjectIdentifiers.signingTime:
                signingTime = try posixSeconds(value)
            case ObjectIdentifiers.signingCertificateV2:
                signingCertificate = try SigningCertificate(value)
            default:
                otherAttributes.append("\(type)")
            }
        }
    }
}

/// The one ESSCertIDv2 of signing-certificate-v2 (RFC 5035, 3): which certificate the signer means.
package struct SigningCertificate: Sendable {
    /// Nil for an algorithm that is not known here.
    package let digestAlgorithm: DigestAlgorithm?
    package let digest: [UInt8]
    /// DER of the issuer's Name, when the identifier carries one.
    package let issuer: [UInt8]?
    /// Content octets of the serial number, when the identifier carries one.
    package let serialNumber: [UInt8]?

    init(_ node: ASN1Node) throws(SignedDataError) {
        let field = "signing-certificate-v2"
        // No policies, and no certificates of the chain: OpenSSL would check them, and nothing here does.
        let fields = try node.children(.sequence, of: field)
        guard let list = try fields.first?.children(.sequence, of: field), let first = list.first else {
            throw SignedDataError("\(field) names no certificate")
        }
        guard fields.count == 1, list.count == 1 else {
            throw SignedDataError("\(field) has more than one certificate's identifier")
        }
        var parts = try first.children(.sequence, of: field)[...]
        // hashAlgorithm is left out when it is SHA-256, its DEFAULT.
        if parts.first?.identifier == .sequence, let algorithm = parts.popFirst() {
            digestAlgorithm = try AlgorithmIdentifier(algorithm).digest
        } else {
            digestAlgorithm = .sha256
        }
        guard let hash = parts.popFirst() else { throw SignedDataError("\(field) has no hash") }
        digest = try hash.octets(of: field)
        guard let issuerSerial = parts.popFirst() else {
            issuer = nil
            serialNumber = nil
            return
        }
        let pair = try issuerSerial.children(.sequence, of: field)
        guard parts.isEmpty, pair.count == 2 else { throw SignedDataError("\(field) has fields too many or too few") }
        // GeneralNames with one directoryName [4], which is explicitly tagged because Name is a CHOICE.
        let generalNames = try pair[0].children(.sequence, of: field)
        guard generalNames.count == 1 else { throw SignedDataError("\(field) does not name one issuer") }
        let names = try generalNames[0].children(.context(4), of: field)
        guard names.count == 1 else { throw SignedDataError("\(field) does not name one issuer") }
        issuer = Array(names[0].encodedBytes)
        serialNumber = try pair[1].integerOctets(of: field)
    }

    package func matches(_ certificate: Certificate) -> Bool {
        guard let digestAlgorithm else { return false }
        if let issuer, issuer != certificate.issuer { return false }
        if let serialNumber, serialNumber != certificate.serialNumber { return false }
        let actual =
            digestAlgorithm == .sha256 ? certificate.fingerprint.bytes : digestAlgorithm.hash(certificate.derBytes)
        return actual == digest
    }
}
