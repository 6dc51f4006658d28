/// Why a signature that another tool has made cannot be taken over. Signers are counted from 1, in the order of the file.
package enum ImportError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLarge(maximumBytes: Int)
    /// No CMS SignedData in any of the encodings that are read.
    case notSignedData
    /// It begins as a SignedData may, and ends too early.
    case truncated
    /// S/MIME: a mail with a signature in it.
    case mail
    /// The SignedData as a whole is not what RFC 5652 describes.
    case malformed(String)
    /// Its content type is not id-data.
    case otherContentType
    /// It carries other content.
    case otherContent
    /// It carries, or is over, the content with other line ends, or with one more.
    case otherLineEnds
    case noSigner
    case tooManySigners(maximum: Int)
    case signedTwice
    case signerNotDER(signer: Int)
    /// The SignerInfo is DER, and not what RFC 5652 or the profile describes.
    case malformedSigner(signer: Int, String)
    case namedByKeyIdentifier(signer: Int)
    case digestAlgorithm(signer: Int)
    case signatureAlgorithm(signer: Int, identifier: String)
    /// RSASSA-PSS whose hash, MGF1 hash or salt are not those of the profile.
    case pssParameters(signer: Int)
    case noSignedAttributes(signer: Int)
    /// message-digest is not that of the content: the signature is over something else.
    case otherMessageDigest(signer: Int)
    case attributesNotInDEROrder(signer: Int)
    case noSigningTime(signer: Int)
    case noSigningCertificate(signer: Int)
    /// Signed attributes beyond the four of the profile, as dotted identifiers.
    case otherAttributes(signer: Int, [String])

    package var description: String {
        switch self {
        case .tooLarge(let maximum): "the signature has more than \(maximum) bytes"
        case .notSignedData: "this is no CMS SignedData in DER, BER, PEM or Base64"
        case .truncated: "the signature is cut short"
        case .mail: "this is an S/MIME message, not a bare signature"
        case .malformed(let fault): "the signature is malformed: \(fault)"
        case .otherContentType: "the signature is over content of another type than id-data"
        case .otherContent: "the signature carries another statement"
        case .otherLineEnds: "the signature is over the statement with changed line ends"
        case .noSigner: "nobody has signed this"
        case .tooManySigners(let maximum): "more than \(maximum) signers have signed this"
        case .signedTwice: "the same certificate signs twice"
        case .signerNotDER(let signer): "signer \(signer): the signature is not encoded in DER"
        case .malformedSigner(let signer, let fault): "signer \(signer): \(fault)"
        case .namedByKeyIdentifier(let signer):
            "signer \(signer): the certificate is not named by issuer and serial number"
        case .digestAlgorithm(let signer): "signer \(signer): the digest is none of SHA-256, SHA-384, SHA-512"
        case .signatureAlgorithm(let signer, let identifier):
            "signer \(signer): signature algorithm \(identifier) is not allowed with that digest"
        case .pssParameters(let signer):
            "signer \(signer): the RSASSA-PSS parameters do not name the signature's digest for both hash and MGF1"
        case .noSignedAttributes(let signer): "signer \(signer): there are no signed attributes"
        case .otherMessageDigest(let signer):
            "signer \(signer): the signature is over other content than this statement"
        case .attributesNotInDEROrder(let signer): "signer \(signer): the signed attributes are not in DER order"
        case .noSigningTime(let signer): "signer \(signer): signing-time is missing"
        case .noSigningCertificate(let signer): "signer \(signer): signing-certificate-v2 is missing"
        case .otherAttributes(let signer, let identifiers):
            "signer \(signer): there are signed attributes beyond the profile: \(identifiers.joined(separator: ", "))"
        }
    }

    /// What whoever signs may do about it; `openssl cms` options stand for those of any tool.
    package var hint: String? {
        switch self {
        case .tooLarge: "sign without embedding revocation lists"
        case .mail: "sign with -outform DER"
        case .otherLineEnds: "sign with -binary, the file exactly as it is"
        case .otherContent, .otherMessageDigest: "sign the statement of this draft, byte for byte"
        case .namedByKeyIdentifier: "sign without -keyid"
        case .digestAlgorithm, .signatureAlgorithm:
            "P-256 signs with SHA-256, P-384 with SHA-384, RSA with SHA-256, SHA-384 or SHA-512: -md sha256"
        case .pssParameters: "sign with -keyopt rsa_padding_mode:pss and no other MGF1 digest"
        case .noSignedAttributes: "sign without -noattr"
        case .noSigningCertificate: "sign with -cades"
        case .otherAttributes: "sign with -nosmimecap"
        case .notSignedData, .truncated, .malformed, .otherContentType, .noSigner, .tooManySigners, .signedTwice,
            .signerNotDER, .malformedSigner, .attributesNotInDEROrder, .noSigningTime:
            nil
        }
    }
}
