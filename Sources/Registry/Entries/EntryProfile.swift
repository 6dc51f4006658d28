package import OpenSSLKit

/// The exact profile of a leaf (docs/entry.md): stricter than CMS, so that one set of signatures has one encoding.
package enum EntryProfile {
    package static let maximumLeafBytes = 65_535
    package static let maximumSigners = 16

    /// Every departure from the profile, in words; none for a good leaf.
    package static func deviations(of signedData: SignedData, leaf: [UInt8]) -> [String] {
        var found: [String] = []
        func require(_ condition: Bool, _ deviation: @autoclosure () -> String) {
            if !condition { found.append(deviation()) }
        }
        require(leaf.count <= maximumLeafBytes, "it has \(leaf.count) bytes, more than \(maximumLeafBytes)")
        require(signedData.version == 1, "its version is \(signedData.version), not 1")
        require(signedData.contentTypeIsData, "its content type is not id-data")
        require(signedData.content != nil, "its content is detached")
        require(!signedData.hasCertificates, "it has certificates inside")
        require(!signedData.hasRevocationLists, "it has revocation lists inside")
        require(signedData.setsAreInDEROrder, "a set is not in DER order, or has something twice")

        let signers = signedData.signerInfos
        require(!signers.isEmpty, "it has no signer")
        require(signers.count <= maximumSigners, "it has \(signers.count) signers, more than \(maximumSigners)")
        let identifiers = signers.map { ($0.issuer ?? []) + [0] + ($0.serialNumber ?? []) }
        require(Set(identifiers).count == signers.count, "a certificate signs twice")
        require(
            Set(signedData.digestAlgorithmsDER) == Set(signers.map(\.digestAlgorithmDER)),
            "its digest algorithms are not those of the signers")
        for (position, signer) in signers.enumerated() {
            for deviation in deviations(of: signer, content: signedData.content) {
                found.append("signer \(position + 1): \(deviation)")
            }
        }
        // The strict reader has seen every value; OpenSSL agrees on what it decodes itself.
        let reencoded = try? SignedData.reencoded(leaf)
        require(reencoded == leaf, "OpenSSL would write it in other bytes")
        return found
    }

    private static func deviations(of signer: SignerInfo, content: [UInt8]?) -> [String] {
        var found: [String] = []
        func require(_ condition: Bool, _ deviation: String) {
            if !condition { found.append(deviation) }
        }
        require(signer.version == 1, "its version is not 1")
        require(signer.issuer != nil, "it is not named by issuer and serial number")
        require(signer.digestAlgorithm != nil, "its digest algorithm is none of SHA-256, SHA-384, SHA-512")
        require(signer.scheme != nil, "its signature algorithm is none of the profile, or does not go with its digest")
        require(!signer.hasUnsignedAttributes, "it has unsigned attributes")
        guard let attributes = signer.signedAttributes else { return found + ["it has no signed attributes"] }
        require(attributes.isInDEROrder, "its signed attributes are not in DER order")
        require(attributes.contentTypeIsData, "content-type is missing or not id-data")
        require(attributes.messageDigest != nil, "message-digest is missing")
        require(attributes.signingTime != nil, "signing-time is missing")
        require(attributes.signingCertificate != nil, "signing-certificate-v2 is missing")
        require(attributes.repeatedAttributes.isEmpty, "a signed attribute is there twice")
        require(
            attributes.otherAttributes.isEmpty,
            "it has other signed attributes: \(attributes.otherAttributes.joined(separator: ", "))")
        if let digest = attributes.messageDigest, let algorithm = signer.digestAlgorithm, let content {
            require(algorithm.hash(content) == digest, "message-digest is not that of the content")
        }
        return found
    }
}
