import OpenSSLKit
import Testing

extension LeafFault {
    /// Faults of one signature, which is made anew so that it verifies: nothing but the profile is against it.
    static let signedAttributes: [LeafFault] = [
        LeafFault("no content-type", "content-type is missing or not id-data") {
            try $0.resigningKZ(without: OID.contentType)
        },
        LeafFault("another content-type", "content-type is missing or not id-data") {
            try $0.resigningKZ(OID.contentType, as: OID.digestedData)
        },
        LeafFault("no message-digest", Refusal("entry.profile", "message-digest is missing")) {
            try $0.resigningKZ(without: OID.messageDigest)
        },
        LeafFault("message-digest of other content", Refusal("entry.profile", "message-digest is not that of")) {
            try $0.resigningKZ(OID.messageDigest, as: .octetString(DigestAlgorithm.sha256.hash([1, 2, 3])))
        },
        LeafFault("a truncated message-digest", Refusal("entry.profile", "message-digest is not that of")) {
            let digest = DigestAlgorithm.sha256.hash($0.content)
            return try $0.resigningKZ(OID.messageDigest, as: .octetString(digest.dropLast()))
        },
        LeafFault("an empty message-digest", Refusal("entry.profile", "message-digest is not that of")) {
            try $0.resigningKZ(OID.messageDigest, as: .octetString([]))
        },
        LeafFault("no signing-time", "signing-time is missing") { try $0.resigningKZ(without: OID.signingTime) },
        LeafFault(
            "a signing-time of GeneralizedTime before 2050", Refusal("entry.profile", "signing-time is not a time")
        ) {
            let time = Array("20".utf8) + HandSigning.utcTime($0.now)
            return try $0.resigningKZ(OID.signingTime, as: .primitive(0x18, time))
        },
        LeafFault("a signing-time that is no time", Refusal("entry.profile", "signing-time is not a time")) {
            try $0.resigningKZ(OID.signingTime, as: .primitive(0x17, Array("270230000000Z".utf8)))
        },
        LeafFault("a signing-time with an offset", Refusal("entry.profile", "signing-time is not a time")) {
            let time = HandSigning.utcTime($0.now).dropLast() + Array("+0000".utf8)
            return try $0.resigningKZ(OID.signingTime, as: .primitive(0x17, time))
        },
        LeafFault("no signing-certificate-v2", Refusal("entry.profile", "signing-certificate-v2 is missing")) {
            try $0.resigningKZ(without: OID.signingCertificateV2)
        },
        LeafFault(
            "an empty signing-certificate-v2", Refusal("entry.profile", "signing-certificate-v2 names no certificate")
        ) {
            try $0.resigningKZ(OID.signingCertificateV2, as: .sequence([.sequence([])]))
        },
        LeafFault("signing-certificate-v2 with another hash", Refusal("entry.signer.unlisted", "no party's list")) {
            try $0.resigningKZ { attributes in
                let position = try #require(attributes.firstIndex { $0[0] == OID.signingCertificateV2 })
                attributes[position][1][0][0][0][0].octets[0] ^= 1
            }
        },
        LeafFault("signing-certificate-v2 of the other signer", Refusal("entry.signer.unlisted", "no party's list")) {
            try $0.resigningKZ(OID.signingCertificateV2, as: HandSigning.signingCertificate($0.uz.certificate, .sha256))
        },
        LeafFault(
            "signing-certificate-v2 with another serial number", Refusal("entry.signer.unlisted", "no party's list")
        ) {
            try $0.resigningKZ { attributes in
                let position = try #require(attributes.firstIndex { $0[0] == OID.signingCertificateV2 })
                attributes[position][1][0][0][0][1][1].octets[5] ^= 1
            }
        },
        LeafFault("signing-certificate-v2 under SHA-1", Refusal("entry.signer.unlisted", "no party's list")) { good in
            try good.resigningKZ { attributes in
                let position = try #require(attributes.firstIndex { $0[0] == OID.signingCertificateV2 })
                attributes[position][1][0][0][0].children.insert(.sequence([OID.sha1]), at: 0)
            }
        },
        LeafFault(
            "a second certificate in signing-certificate-v2", Refusal("entry.profile", "more than one certificate's")
        ) {
            let first = HandSigning.signingCertificate($0.kz.certificate, .sha256)[0][0]
            let second = HandSigning.signingCertificate($0.uz.certificate, .sha256)[0][0]
            return try $0.resigningKZ(OID.signingCertificateV2, as: .sequence([.sequence([first, second])]))
        },
        LeafFault("policies in signing-certificate-v2", Refusal("entry.profile", "more than one certificate's")) {
            let list = HandSigning.signingCertificate($0.kz.certificate, .sha256)[0]
            return try $0.resigningKZ(OID.signingCertificateV2, as: .sequence([list, .sequence([])]))
        },
        LeafFault("a field too many in signing-certificate-v2", Refusal("entry.profile", "more than one certificate's"))
        {
            let list = HandSigning.signingCertificate($0.kz.certificate, .sha256)[0]
            return try $0.resigningKZ(OID.signingCertificateV2, as: .sequence([list, .sequence([]), .null]))
        },
        LeafFault("a field too many in ESSCertIDv2", Refusal("entry.profile", "has fields too many or too few")) {
            var value = HandSigning.signingCertificate($0.kz.certificate, .sha256)
            value[0][0].children.append(.null)
            return try $0.resigningKZ(OID.signingCertificateV2, as: value)
        },
        LeafFault("two issuers in signing-certificate-v2", Refusal("entry.profile", "does not name one issuer")) {
            var value = HandSigning.signingCertificate($0.kz.certificate, .sha256)
            value[0][0][1][0].children.append(.primitive(0x82, Array("other.example".utf8)))
            return try $0.resigningKZ(OID.signingCertificateV2, as: value)
        },
        LeafFault("the same attribute twice", "a signed attribute is there twice") { good in
            try good.resigningKZ {
                $0.append(HandSigning.attribute(OID.signingTime, .primitive(0x17, HandSigning.utcTime(good.now - 1))))
            }
        },
        LeafFault("the very same attribute twice", "its signed attributes are not in DER order") {
            try $0.resigningKZ { $0.append($0[0]) }
        },
        LeafFault("two values in one attribute", Refusal("entry.profile", "has not one value")) { good in
            try good.resigningKZ { attributes in
                let position = try #require(attributes.firstIndex { $0[0] == OID.signingTime })
                attributes[position][1].children.append(.primitive(0x17, HandSigning.utcTime(good.now + 1)))
            }
        },
        LeafFault("no value in an attribute", Refusal("entry.profile", "has not one value")) {
            try $0.resigningKZ { $0[0][1].children = [] }
        },
        LeafFault("S/MIME capabilities", "it has other signed attributes: 1.2.840.113549.1.9.15") {
            let capabilities = DERNode.sequence([.sequence([.objectIdentifier("60864801650304012a")])])
            return try $0.resigningKZ { $0.append(HandSigning.attribute(OID.smimeCapabilities, capabilities)) }
        },
        LeafFault("attributes not in DER's order, signed so", "its signed attributes are not in DER order") {
            try $0.resigningKZ(sorted: false) { $0.reverse() }
        },
        LeafFault(
            "attributes not in DER's order, signed in it",
            Refusal("entry.profile", "its signed attributes are not in DER")
        ) {
            try $0.alteringKZ { $0.attributes.reverse() }
        },
    ]

    /// Faults of a signature's identifiers and algorithms.
    static let algorithms: [LeafFault] = [
        LeafFault("named by subject key identifier", Refusal("entry.profile", "not named by issuer and serial number"))
        {
            try $0.alteringKZ {
                $0.version = .integer([3])
                $0.identifier = .primitive(0x80, [UInt8](repeating: 7, count: 20))
            }
        },
        LeafFault("another serial number", Refusal("entry.signer.unlisted", "no party's list")) {
            try $0.alteringKZ { $0.identifier[1].octets[3] ^= 1 }
        },
        LeafFault("another issuer", Refusal("entry.signer.unlisted", "no party's list")) { good in
            try good.alteringKZ { $0.identifier[0] = DERNode(good.uz.certificate.issuer) }
        },
        LeafFault("a digest of SHA-1", Refusal("entry.profile", "its digest algorithm is none of SHA-256")) { good in
            good.altering { leaf in
                for position in leaf.signers.indices {
                    leaf.signers[position].digestAlgorithm = .sequence([OID.sha1])
                    leaf.signers[position].signatureAlgorithm = .sequence([OID.ecdsaWithSHA1])
                }
                leaf.digestAlgorithms = [.sequence([OID.sha1])]
                leaf.sortSigners()
            }
        },
        LeafFault("a digest of SHA-224", Refusal("entry.profile", "its digest algorithm is none of SHA-256")) {
            try $0.alteringKZ { $0.digestAlgorithm = .sequence([.objectIdentifier("608648016503040204")]) }
        },
        LeafFault(
            "a signature algorithm of another digest", Refusal("entry.profile", "does not go with its digest")
        ) {
            try $0.alteringKZ { $0.signatureAlgorithm = .sequence([OID.ecdsaWithSHA384]) }
        },
        LeafFault("ECDSA with parameters", Refusal("entry.profile", "its signature algorithm is none of the profile")) {
            try $0.alteringKZ { $0.signatureAlgorithm = .sequence([OID.ecdsaWithSHA256, .null]) }
        },
        LeafFault("a digest with parameters", Refusal("entry.profile", "its digest algorithm is none of SHA-256")) {
            try $0.alteringKZ { $0.digestAlgorithm = .sequence([OID.sha256, .integer([1])]) }
        },
        LeafFault("RSA named for an EC key", Refusal("entry.signer.algorithm", "P-256 with that"), alone: true) {
            try $0.alteringKZ { $0.signatureAlgorithm = .sequence([OID.rsaEncryption, .null]) }
        },
        LeafFault("a signature of the content", Refusal("entry.signature.invalid", "a signature does not verify")) {
            good in
            try good.alteringKZ { $0.signature = try good.kz.key.sign(good.content, scheme: .ecdsa(.sha256)) }
        },
        // RFC 5652, 5.4: what is signed has the tag of a SET OF, not the [0] that stands in the leaf.
        LeafFault("a signature under the wrong tag", Refusal("entry.signature.invalid", "a signature does not verify"))
        {
            good in
            try good.alteringKZ { $0.signature = try good.kz.key.sign($0.node[3].encoded, scheme: .ecdsa(.sha256)) }
        },
        LeafFault("the other signer's signature", Refusal("entry.signature.invalid", "a signature does not verify")) {
            good in
            try good.alteringKZ { $0.signature = try good.uz.key.sign($0.signedBytes, scheme: .ecdsa(.sha256)) }
        },
        LeafFault("an empty signature", Refusal("entry.signature.invalid", "a signature does not verify")) {
            try $0.alteringKZ { $0.signature = [] }
        },
        // r = s = 0, which a careless verifier has taken for good.
        LeafFault("an ECDSA signature of zeros", Refusal("entry.signature.invalid", "a signature does not verify")) {
            try $0.alteringKZ { $0.signature = DERNode.sequence([.integer([0]), .integer([0])]).encoded }
        },
        LeafFault("bytes after an ECDSA signature", Refusal("entry.signature.invalid", "a signature does not verify")) {
            try $0.alteringKZ { $0.signature.append(0) }
        },
        LeafFault("an ECDSA signature in BER", Refusal("entry.signature.invalid", "a signature does not verify")) {
            try $0.alteringKZ {
                var pair = DERNode($0.signature)
                pair.lengthForm = .padded
                $0.signature = pair.encoded
            }
        },
        LeafFault("an ECDSA signature as r || s", Refusal("entry.signature.invalid", "a signature does not verify")) {
            try $0.alteringKZ {
                let pair = DERNode($0.signature)
                $0.signature = pair.children.flatMap { [UInt8](repeating: 0, count: 32) + $0.octets }
            }
        },
    ]
}
