internal import SwiftASN1

/// What names a certificate and its key (RFC 5280, 4.1.2), read without OpenSSL: that looks for a decoder for each key,
/// which costs more than all the rest. Nothing is checked but that the bytes are DER.
package struct CertificateOutline: Sendable {
    /// DER of the issuer's Name.
    package let issuer: [UInt8]
    /// The content octets of the serialNumber INTEGER.
    package let serialNumber: [UInt8]
    /// DER of the SubjectPublicKeyInfo.
    package let subjectPublicKeyInfo: [UInt8]

    /// Of a certificate that OpenSSL has read.
    package init(_ certificate: Certificate) throws(OpenSSLError) {
        issuer = certificate.issuer
        serialNumber = certificate.serialNumber
        subjectPublicKeyInfo = try certificate.publicKey.subjectPublicKeyInfo()
    }

    /// - Throws: also for what OpenSSL might read: it allows other encodings than DER inside.
    package init(derBytes: [UInt8]) throws(SignedDataError) {
        let certificate = try ASN1Node.strictDER(derBytes, of: "the certificate")
            .children(.sequence, of: "the certificate")
        guard let signed = certificate.first else { throw SignedDataError("the certificate is empty") }
        var fields = try signed.children(.sequence, of: "the certificate's content")[...]
        if fields.first?.identifier == .context(0) { fields = fields.dropFirst() }
        // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
        guard fields.count >= 6 else { throw SignedDataError("the certificate's content is too short") }
        let first = fields.startIndex
        serialNumber = try fields[first].integerOctets(of: "the serial number")
        issuer = Array(fields[first + 2].encodedBytes)
        subjectPublicKeyInfo = Array(fields[first + 5].encodedBytes)
    }
}
