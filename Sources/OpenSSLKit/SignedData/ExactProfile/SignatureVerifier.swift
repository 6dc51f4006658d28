/// Verifies signatures of the exact profile with contexts that are made once.
///
/// Not Sendable: it belongs to the thread that made it.
package final class SignatureVerifier {
    private let sha256 = MessageHasher(.sha256)
    private let sha384 = MessageHasher(.sha384)
    private let sha512 = MessageHasher(.sha512)

    package init() {}

    /// RFC 5652, 5.4 and 5.6: message-digest is the content's, and the signature is over the DER of the signed
    /// attributes under the tag of a SET OF.
    ///
    /// - Parameter contentDigest: the SHA-256 of the content, which is at hand in any case.
    package func verifies(
        _ signer: ExactSigner, of signedData: ExactSignedData, in bytes: Span<UInt8>, contentDigest: SHA256Digest,
        key: VerificationContext
    ) -> Bool {
        let messageDigest = bytes.extracting(signer.messageDigest)
        let isOfContent =
            if signer.digestAlgorithm == .sha256 {
                unsafe contentDigest.withUnsafeBytes { unsafe messageDigest.isEqual(to: $0) }
            } else {
                hasher(signer.digestAlgorithm).hash(bytes.extracting(signedData.content)).withSpan { digest in
                    unsafe digest.withUnsafeBytes { unsafe messageDigest.isEqual(to: $0) }
                }
            }
        guard isOfContent else { return false }
        let attributes = hasher(signer.digestAlgorithm).hash(bytes.extracting(signer.attributes), first: 0x31)
        return attributes.withSpan { key.isValid(signature: bytes.extracting(signer.signature), digest: $0) }
    }

    private func hasher(_ algorithm: DigestAlgorithm) -> MessageHasher {
        switch algorithm {
        case .sha256: sha256
        case .sha384: sha384
        case .sha512: sha512
        }
    }
}
