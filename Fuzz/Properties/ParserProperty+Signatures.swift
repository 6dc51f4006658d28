internal import OpenSSLKit
internal import Registry

/// What OpenSSL reads with us.
extension ParserProperty {
    static let signatures: [ParserProperty] = [
        ParserProperty(name: "entry") { bytes throws(Violation) in
            let entry = Entry(leaf: bytes)
            _ = entry.signers
            guard entry.deviations.isEmpty else { return false }
            try requireSame(try? entry.signedData?.withoutCertificates(), bytes)
            try requireSame(try? SignedData.reencoded(bytes), bytes)
            return true
        },
        ParserProperty(name: "signature") { bytes throws(Violation) in
            guard let (data, certificates) = try? SignedData.imported(bytes, content: signedContent) else {
                return false
            }
            guard let assembled = try? data.withoutCertificates() else {
                throw Violation(description: "what was taken over has no content")
            }
            let again = try? SignedData.imported(assembled, content: signedContent)
            try require(
                (try? again?.signedData.withoutCertificates()) == assembled, "taken over again, it is another signature"
            )
            for certificate in certificates {
                try requireSame((try? Certificate(derBytes: certificate.derBytes))?.derBytes, certificate.derBytes)
            }
            return true
        },
        ParserProperty(name: "certificate") { bytes throws(Violation) in
            let certificate = try? Certificate(derBytes: bytes)
            if let certificate { try requireSame(certificate.derBytes, bytes) }
            guard let outline = try? CertificateOutline(derBytes: bytes), let certificate else {
                return certificate != nil
            }
            try require(
                outline.issuer == certificate.issuer && outline.serialNumber == certificate.serialNumber,
                "two readers do not agree on its names")
            return true
        },
        ParserProperty(name: "certificates") { bytes throws(Violation) in
            guard let certificates = try? Certificate.all(inPEM: bytes) else { return false }
            try require(!certificates.isEmpty, "no certificates, and no error")
            // Between them may stand anything, so that the text itself need not be the same.
            let again = try? Certificate.all(
                inPEM: certificates.flatMap { certificate in (try? certificate.pem()) ?? [] })
            try require(
                again?.map(\.derBytes) == certificates.map(\.derBytes), "printed and read again, they are others")
            return true
        },
    ]

    /// Of the signatures in the corpus.
    static let signedContent = Array("{\"agreement\":\"KZ-UZ-2025-06\",\"version\":1}".utf8)
}
