internal import SwiftASN1

/// A CMS SignedData (RFC 5652, 5.1) in DER, with its content inside, read strictly.
///
///     ContentInfo { id-signedData, [0] SignedData {
///         version, digestAlgorithms SET, encapContentInfo { id-data, [0] content },
///         [0] certificates OPTIONAL, [1] crls OPTIONAL, signerInfos SET } }
package struct SignedData: Sendable {
    package let version: Int
    /// DER of each AlgorithmIdentifier, in the order of the SET.
    package let digestAlgorithmsDER: [[UInt8]]
    package let contentTypeIsData: Bool
    /// Nil when the signature is detached.
    package let content: [UInt8]?
    /// Whether the field for certificates is there: an empty one is another encoding of the same signatures.
    package let hasCertificates: Bool
    /// DER of each certificate inside.
    package let certificatesDER: [[UInt8]]
    package let hasRevocationLists: Bool
    package let signerInfos: [SignerInfo]
    /// Whether both SETs stand in DER's order, with nothing twice.
    package let setsAreInDEROrder: Bool

    package init(derBytes: [UInt8]) throws(SignedDataError) {
        let outer = try ASN1Node.strictDER(derBytes, of: "the entry").children(.sequence, of: "the content info")
        guard outer.count == 2, try outer[0].objectIdentifier(of: "content type") == ObjectIdentifiers.signedData else {
            throw SignedDataError("the entry is no CMS SignedData")
        }
        let explicit = try outer[1].children(.context(0), of: "the signed data")
        guard explicit.count == 1 else { throw SignedDataError("the signed data is not one value") }
        var fields = try explicit[0].children(.sequence, of: "the signed data")[...]
        func next(_ field: String) throws(SignedDataError) -> ASN1Node {
            guard let node = fields.popFirst() else { throw SignedDataError("\(field) is missing") }
            return node
        }
        version = try next("the version").integer(of: "the version")
        let digests = try next("the digest algorithms").children(.set, of: "the digest algorithms")
        digestAlgorithmsDER = digests.map { Array($0.encodedBytes) }

        let encapsulated = try next("the content").children(.sequence, of: "the content")
        guard let type = encapsulated.first, encapsulated.count <= 2 else {
            throw SignedDataError("the content has fields too many or too few")
        }
        contentTypeIsData = try type.objectIdentifier(of: "the content's type") == ObjectIdentifiers.data
        if encapsulated.count == 2 {
            let inner = try encapsulated[1].children(.context(0), of: "the content")
            guard inner.count == 1 else { throw SignedDataError("the content is not one value") }
            content = try inner[0].octets(of: "the content")
        } else {
            content = nil
        }

        hasCertificates = fields.first?.identifier == .context(0)
        if hasCertificates, let certificates = fields.popFirst() {
            certificatesDER = try certificates.children(.context(0), of: "certificates").map { Array($0.encodedBytes) }
        } else {
            certificatesDER = []
        }
        hasRevocationLists = fields.first?.identifier == .context(1)
        if hasRevocationLists { fields.removeFirst() }

        let signers = try next("the signer infos").children(.set, of: "the signer infos")
        guard fields.isEmpty else { throw SignedDataError("the signed data has fields that it must not have") }
        var signerInfos: [SignerInfo] = []
        for signer in signers { signerInfos.append(try SignerInfo(signer)) }
        self.signerInfos = signerInfos
        setsAreInDEROrder = isStrictlyAscending(digests) && isStrictlyAscending(signers)
    }
}
