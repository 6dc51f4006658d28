internal import SwiftASN1

extension SignedData {
    /// As much as a tool may put around a few signatures: certificates, timestamps and revocation lists.
    package static let maximumImportedBytes = 1 << 20
    private static let maximumImportedSigners = 16

    /// Reads a signature that any tool has made over `content`: CMS SignedData in DER, BER (streamed, indefinite
    /// lengths), PEM or bare Base64, attached or detached, with or without certificates inside.
    ///
    /// Signed attributes and signature values stay byte for byte. Whether the signatures verify, and whose they are, is
    /// not looked at.
    /// - Returns: the same signatures as one strict SignedData in DER with `content` attached, without certificates,
    ///   CRLs or unsigned attributes; and the X.509 certificates that were inside, those that OpenSSL can read.
    package static func imported(
        _ bytes: [UInt8], content: [UInt8]
    ) throws(ImportError) -> (signedData: SignedData, certificates: [Certificate]) {
        guard bytes.count <= maximumImportedBytes else { throw .tooLarge(maximumBytes: maximumImportedBytes) }
        let foreign = try ForeignSignedData(SignatureText.binary(bytes))
        guard foreign.contentTypeIsData else { throw .otherContentType }
        if let attached = foreign.content, attached != content {
            throw hasSameLines(attached, content) ? .otherLineEnds : .otherContent
        }
        guard !foreign.signers.isEmpty else { throw .noSigner }
        guard foreign.signers.count <= maximumImportedSigners else {
            throw .tooManySigners(maximum: maximumImportedSigners)
        }
        var signers: [SignerInfo] = []
        for (position, encoded) in foreign.signers.enumerated() {
            signers.append(try signer(encoded, number: position + 1, content: content))
        }
        let identifiers = signers.map { ($0.issuer ?? []) + [0] + ($0.serialNumber ?? []) }
        guard Set(identifiers).count == signers.count else { throw .signedTwice }

        let assembled = assemble(signers, content: content)
        // What the strict reader lets pass inside values that it does not decode, OpenSSL would write otherwise.
        guard (try? reencoded(assembled)) == assembled else {
            throw .malformed("OpenSSL would write its signatures in other bytes")
        }
        do throws(SignedDataError) {
            let signedData = try SignedData(derBytes: assembled)
            return (signedData, foreign.certificates.compactMap { try? Certificate(derBytes: $0) })
        } catch {
            throw .malformed(error.description)
        }
    }

    /// One SignerInfo, held against the profile of a signature that can stand in an entry.
    private static func signer(
        _ encoded: ArraySlice<UInt8>, number: Int, content: [UInt8]
    ) throws(ImportError) -> SignerInfo {
        guard let node = try? DER.parse(encoded) else { throw .signerNotDER(signer: number) }
        let signer: SignerInfo
        do throws(SignedDataError) { signer = try SignerInfo(node) } catch {
            throw .malformedSigner(signer: number, error.description)
        }
        guard let digest = signer.digestAlgorithm else { throw .digestAlgorithm(signer: number) }
        guard let attributes = signer.signedAttributes else { throw .noSignedAttributes(signer: number) }
        guard let messageDigest = attributes.messageDigest else {
            throw .malformedSigner(signer: number, "message-digest is missing")
        }
        guard messageDigest == digest.hash(content) else {
            let changed = otherLineEnds(of: content).contains { digest.hash($0) == messageDigest }
            throw changed ? .otherLineEnds : .otherMessageDigest(signer: number)
        }
        guard attributes.isInDEROrder else { throw .attributesNotInDEROrder(signer: number) }
        guard attributes.repeatedAttributes.isEmpty else {
            throw .malformedSigner(signer: number, "a signed attribute is there twice")
        }
        guard attributes.contentTypeIsData else {
            throw .malformedSigner(signer: number, "content-type is missing or not id-data")
        }
        guard attributes.signingTime != nil else { throw .noSigningTime(signer: number) }
        guard attributes.signingCertificate != nil else { throw .noSigningCertificate(signer: number) }
        guard attributes.otherAttributes.isEmpty else {
            throw .otherAttributes(signer: number, attributes.otherAttributes)
        }
        guard signer.issuer != nil else { throw .namedByKeyIdentifier(signer: number) }
        guard signer.version == 1 else { throw .malformedSigner(signer: number, "its version is not 1") }
        switch signer.scheme {
        case nil, .ecdsa(.sha512):
            // The field before the signature (RFC 5652, 5.3), which the reader above has seen to be there.
            let fields = (try? node.children(.sequence, of: "a signer info")) ?? []
            let algorithm = fields.last { $0.identifier == .sequence }.flatMap { try? AlgorithmIdentifier($0) }
            guard algorithm?.algorithm != ObjectIdentifiers.rsaPSS else { throw .pssParameters(signer: number) }
            let identifier = algorithm.map { "\($0.algorithm)" } ?? "unknown"
            throw .signatureAlgorithm(signer: number, identifier: identifier)
        default:
            return signer
        }
    }

    /// Whether nothing but carriage returns and line feeds makes the two differ.
    private static func hasSameLines(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.filter { $0 != 0x0D && $0 != 0x0A } == right.filter { $0 != 0x0D && $0 != 0x0A }
    }

    /// What an editor, or a tool that takes content for text, makes of it.
    private static func otherLineEnds(of content: [UInt8]) -> [[UInt8]] {
        let unix = content.filter { $0 != 0x0D }
        let mail = unix.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
        return [unix, mail, content + [0x0A], content + [0x0D, 0x0A]]
    }
}

/// A SignedData of another tool, in BER: only what is between the outer wrapping and the signatures is read.
private struct ForeignSignedData {
    let contentTypeIsData: Bool
    /// Nil when the signature is detached.
    let content: [UInt8]?
    /// Encodings of what may be X.509 certificates.
    let certificates: [[UInt8]]
    /// The encoding of each SignerInfo as it stands.
    let signers: [ArraySlice<UInt8>]

    init(_ bytes: [UInt8]) throws(ImportError) {
        let root: ASN1Node
        do {
            root = try BER.parse(bytes)
        } catch let error as ASN1Error where error.code == .truncatedASN1Field {
            throw .truncated
        } catch {
            throw .notSignedData
        }
        guard let outer = try? root.children(.sequence, of: "the content info"), outer.count == 2,
            (try? outer[0].objectIdentifier(of: "content type")) == ObjectIdentifiers.signedData
        else { throw .notSignedData }
        do throws(SignedDataError) {
            try self.init(explicit: outer[1])
        } catch {
            throw .malformed(error.description)
        }
    }

    private init(explicit: ASN1Node) throws(SignedDataError) {
        let inner = try explicit.children(.context(0), of: "the signed data")
        guard inner.count == 1 else { throw SignedDataError("the signed data is not one value") }
        var fields = try inner[0].children(.sequence, of: "the signed data")[...]
        // version and digestAlgorithms say nothing that the SignerInfos do not say.
        guard fields.count >= 4 else { throw SignedDataError("the signed data has too few fields") }
        fields.removeFirst(2)

        let encapsulated = try fields.removeFirst().children(.sequence, of: "the content")
        guard let type = encapsulated.first, encapsulated.count <= 2 else {
            throw SignedDataError("the content has fields too many or too few")
        }
        contentTypeIsData = try type.objectIdentifier(of: "the content's type") == ObjectIdentifiers.data
        if encapsulated.count == 2 {
            let values = try encapsulated[1].children(.context(0), of: "the content")
            guard values.count == 1, let octets = try? ASN1OctetString(berEncoded: values[0]) else {
                throw SignedDataError("the content is not one octet string")
            }
            content = Array(octets.bytes)
        } else {
            content = nil
        }

        if fields.first?.identifier == .context(0) {
            certificates = try fields.removeFirst().children(.context(0), of: "certificates")
                .filter { $0.identifier == .sequence }.map { Array($0.encodedBytes) }
        } else {
            certificates = []
        }
        if fields.first?.identifier == .context(1) { fields.removeFirst() }
        guard let last = fields.popFirst(), fields.isEmpty else {
            throw SignedDataError("the signed data has fields too many or too few")
        }
        signers = try last.children(.set, of: "the signer infos").map(\.encodedBytes)
    }
}
