package import OpenSSLKit

/// One party's signature in a draft: it verifies with any OpenSSL, for the statement and the certificate are inside.
package struct DraftSignature: Sendable {
    /// One signer, the statement attached, nothing else: what will stand in the entry.
    package let signedData: SignedData
    /// The signer's.
    package let certificate: Certificate
    /// The signer's, and the intermediates that came with it.
    package let certificates: [Certificate]
    /// DER of the SignedData with the certificates inside.
    package let derBytes: [UInt8]

    package static let maximumBytes = 1 << 17

    /// - Parameter candidates: among them the signer's certificate; of the others only intermediates are kept.
    package init(_ signedData: SignedData, candidates: [Certificate]) throws(RegistryError) {
        guard let certificate = Self.certificate(of: signedData, among: candidates) else {
            throw RegistryError(
                .unavailable, "the signer's certificate is not inside, and not at hand either",
                hint: "give it with --certificate FILE")
        }
        self.signedData = signedData
        self.certificate = certificate
        var seen: Set<SHA256Digest> = [certificate.fingerprint]
        certificates =
            [certificate] + candidates.filter { $0.isAuthority && seen.insert($0.fingerprint).inserted }
        do {
            derBytes = try SignedData.embed(certificates, in: signedData.withoutCertificates())
        } catch {
            throw RegistryError(
                .refused, "a signature cannot be written: \(error)", hint: "sign anew with 'bitim sign'")
        }
        guard derBytes.count <= Self.maximumBytes else {
            throw RegistryError(
                .refused, "a signature has \(derBytes.count) bytes, more than \(Self.maximumBytes)",
                hint: "sign without other certificates than the signer's and its intermediates")
        }
    }

    private static let damagedHint = "the draft is damaged: get it anew from whom it came from"

    /// Reads what `derBytes` gave, over that statement, and nothing else.
    init(derBytes: [UInt8], content: [UInt8]) throws(RegistryError) {
        guard derBytes.count <= Self.maximumBytes else {
            throw RegistryError(.unavailable, "it has more than \(Self.maximumBytes) bytes", hint: Self.damagedHint)
        }
        let signedData: SignedData
        let certificates: [Certificate]
        do throws(ImportError) {
            (signedData, certificates) = try SignedData.imported(derBytes, content: content)
        } catch {
            throw RegistryError(.unavailable, "\(error)", hint: Self.damagedHint)
        }
        guard signedData.signerInfos.count == 1 else {
            throw RegistryError(.unavailable, "it has not one signer", hint: Self.damagedHint)
        }
        try self.init(signedData, candidates: certificates)
        guard self.derBytes == derBytes else {
            throw RegistryError(.unavailable, "it is not in the one form that a draft has", hint: Self.damagedHint)
        }
    }

    package var signer: SignerInfo { signedData.signerInfos[0] }

    /// The certificate that the signer means (RFC 5035).
    private static func certificate(of signedData: SignedData, among candidates: [Certificate]) -> Certificate? {
        guard let signer = signedData.signerInfos.first, let meant = signer.signedAttributes?.signingCertificate else {
            return nil
        }
        return candidates.first {
            $0.issuer == signer.issuer && $0.serialNumber == signer.serialNumber && meant.matches($0)
        }
    }

    /// The bytes that would be a leaf, if nobody else had to sign.
    var leaf: [UInt8] {
        get throws { try SignedData.assemble([signedData]) }
    }
}
