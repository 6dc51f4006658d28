internal import OpenSSLKit
internal import Synchronization

/// A certificate that lies in the registry, parsed when somebody needs it.
final class HeldCertificate: Sendable {
    private enum Parsed {
        case notYet(derBytes: [UInt8])
        case certificate(Certificate)
        case malformed(String)
    }

    let outline: CertificateOutline
    private let parsed: Mutex<Parsed>

    init(_ certificate: Certificate) throws(OpenSSLError) {
        outline = try CertificateOutline(certificate)
        parsed = Mutex(.certificate(certificate))
    }

    /// - Throws: when it is known at once that the bytes are no certificate.
    convenience init(derBytes: [UInt8]) throws(OpenSSLError) {
        if let outline = try? CertificateOutline(derBytes: derBytes) {
            self.init(derBytes, outline)
        } else {
            try self.init(Certificate(derBytes: derBytes))
        }
    }

    private init(_ derBytes: [UInt8], _ outline: CertificateOutline) {
        self.outline = outline
        parsed = Mutex(.notYet(derBytes: derBytes))
    }

    /// Nil when the bytes are no certificate.
    var certificate: Certificate? {
        parsed.withLock { parsed in
            if case .notYet(let bytes) = parsed { parsed = Self.parse(bytes, outline) }
            return if case .certificate(let certificate) = parsed { certificate } else { nil }
        }
    }

    /// Why the bytes are no certificate; nil when they are one.
    var fault: String? {
        _ = certificate
        return parsed.withLock { if case .malformed(let reason) = $0 { reason } else { nil } }
    }

    private static func parse(_ bytes: [UInt8], _ outline: CertificateOutline) -> Parsed {
        do {
            let certificate = try Certificate(derBytes: bytes)
            guard certificate.issuer == outline.issuer, certificate.serialNumber == outline.serialNumber else {
                return .malformed("two readers of DER do not agree on its names")
            }
            return .certificate(certificate)
        } catch {
            return .malformed("\(error)")
        }
    }
}
