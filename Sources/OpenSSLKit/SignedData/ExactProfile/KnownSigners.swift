/// Signers whose identifier and signing-certificate-v2 have been read in full: the two are the same, byte for byte, in
/// everything that a certificate signs, so that they need not be read again.
///
/// Whether a value is DER, and whether OpenSSL would write it in the same bytes, does not depend on what stands around
/// it: what held of these bytes in one SignedData holds of them in every other, in the same place.
///
/// Not Sendable: it belongs to the thread that made it.
package final class KnownSigners {
    /// One certificate's parts, under one scheme.
    package final class Known {
        fileprivate let identifier: [UInt8]
        fileprivate let signingCertificate: [UInt8]
        fileprivate let scheme: SignatureScheme
        /// The certificate that they name, with what its signatures are verified with; nil while only the form is known.
        package fileprivate(set) var verified: (certificate: Certificate, key: VerificationContext)?

        fileprivate init(identifier: [UInt8], signingCertificate: [UInt8], scheme: SignatureScheme) {
            self.identifier = identifier
            self.signingCertificate = signingCertificate
            self.scheme = scheme
        }
    }

    // Whoever writes a ledger chooses the keys: what they can fill is bounded.
    private static let maximumCount = 4096
    private static let maximumBytes = 2048
    private static let maximumTwins = 8

    private var byEnd: [UInt64: [Known]] = [:]
    private var count = 0

    package init() {}

    package func find(_ signer: ExactSigner, in bytes: Span<UInt8>) -> Known? {
        guard let end = Self.end(signer.identifier, bytes), let candidates = byEnd[end] else { return nil }
        for known in candidates
        where known.scheme == signer.scheme && bytes.isEqual(signer.identifier, to: known.identifier)
            && bytes.isEqual(signer.signingCertificate, to: known.signingCertificate)
        {
            return known
        }
        return nil
    }

    /// To be called only for a signer of a SignedData that `SignedData` reads.
    package func remember(_ signer: ExactSigner, in bytes: Span<UInt8>) {
        _ = known(signer, in: bytes)
    }

    /// To be called only for a signer of a SignedData that is of the exact profile in every respect, and is the same as
    /// OpenSSL writes; and for the certificate that the signer means, with which the scheme goes together.
    package func remember(_ signer: ExactSigner, in bytes: Span<UInt8>, certificate: Certificate) {
        guard let known = known(signer, in: bytes), known.verified == nil,
            let key = VerificationContext(key: certificate.publicKey, scheme: signer.scheme)
        else { return }
        known.verified = (certificate, key)
    }

    private func known(_ signer: ExactSigner, in bytes: Span<UInt8>) -> Known? {
        if let known = find(signer, in: bytes) { return known }
        guard let end = Self.end(signer.identifier, bytes),
            signer.identifier.count + signer.signingCertificate.count <= Self.maximumBytes,
            byEnd[end, default: []].count < Self.maximumTwins
        else { return nil }
        if count == Self.maximumCount {
            byEnd = [:]
            count = 0
        }
        let known = Known(
            identifier: bytes.array(signer.identifier), signingCertificate: bytes.array(signer.signingCertificate),
            scheme: signer.scheme)
        byEnd[end, default: []].append(known)
        count += 1
        return known
    }

    /// The last eight octets of the identifier, which are of the serial number.
    private static func end(_ identifier: Range<Int>, _ bytes: Span<UInt8>) -> UInt64? {
        guard identifier.count >= 8 else { return nil }
        var end: UInt64 = 0
        for position in (identifier.upperBound - 8)..<identifier.upperBound {
            end = end << 8 | UInt64(bytes[position])
        }
        return end
    }
}

extension Span where Element == UInt8 {
    func array(_ range: Range<Int>) -> [UInt8] {
        range.map { self[$0] }
    }
}
