package import OpenSSLKit

/// Whether the signatures of an entry verify: pure, so that entries can be checked on all cores at once. Whose
/// signatures they are is a second question, see `SignerDirectory`.
package enum SignatureCheck {
    package enum Outcome: Sendable {
        case valid(Certificate)
        case invalid(Certificate)
        /// There is a certificate of that issuer and serial number, but another one than the signer meant.
        case otherCertificate
        case certificateMissing
        /// Outside the profile, so that there is nothing to verify.
        case unreadable
    }

    /// One outcome for each SignerInfo, in their order.
    package static func outcomes(of entry: Entry, certificates: CertificateStore) -> [Outcome] {
        guard let signedData = entry.signedData else { return [] }
        return signedData.signerInfos.map { outcome(of: $0, content: signedData.content, certificates: certificates) }
    }

    private static func outcome(
        of signer: SignerInfo, content: [UInt8]?, certificates: CertificateStore
    ) -> Outcome {
        guard let issuer = signer.issuer, let serialNumber = signer.serialNumber,
            let meant = signer.signedAttributes?.signingCertificate
        else { return .unreadable }
        let candidates = certificates.certificates(issuer: issuer, serialNumber: serialNumber)
        guard !candidates.isEmpty else { return .certificateMissing }
        guard let certificate = candidates.first(where: meant.matches) else { return .otherCertificate }
        return verifies(signer, content: content, key: certificate.publicKey)
            ? .valid(certificate) : .invalid(certificate)
    }

    /// RFC 5652, 5.6: message-digest is the content's, and the signature is over the DER of the signed attributes.
    package static func verifies(_ signer: SignerInfo, content: [UInt8]?, key: PublicKey) -> Bool {
        guard let content, let algorithm = signer.digestAlgorithm, let scheme = signer.scheme,
            let attributes = signer.signedAttributesDER,
            signer.signedAttributes?.messageDigest == algorithm.hash(content)
        else { return false }
        return key.isValid(signature: signer.signature, for: attributes, scheme: scheme)
    }

    /// Whether the algorithms are those that the profile allows together; nil when they are, else why not.
    package static func algorithmFault(_ scheme: SignatureScheme?, key: PublicKey) -> String? {
        switch (key.algorithm, scheme) {
        case (.p256, .ecdsa(.sha256)), (.p384, .ecdsa(.sha384)): nil
        case (.rsa(let bits), .rsaPKCS1), (.rsa(let bits), .rsaPSS), (.rsaPSS(let bits), .rsaPSS):
            bits >= 2048 ? nil : "RSA of \(bits) bits"
        default: "\(key.algorithm) with that signature algorithm"
        }
    }
}
