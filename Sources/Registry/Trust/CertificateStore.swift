package import Agreements
package import OpenSSLKit
internal import TiledLog

/// The certificates that a registry holds, each parsed once. Being here gives a certificate no right at all.
package struct CertificateStore: Sendable {
    private struct Identifier: Hashable {
        let issuer: [UInt8]
        let serialNumber: [UInt8]
    }

    private var byFingerprint: [ContentDigest: Certificate] = [:]
    private var byIdentifier: [Identifier: [Certificate]] = [:]
    /// Files that are not what their names say.
    package private(set) var findings: [Finding] = []

    private static let maximumBytes = 1 << 16

    package init(_ certificates: [Certificate] = []) {
        for certificate in certificates { insert(certificate) }
    }

    /// Reads `certificates/`. What cannot be read is a finding, and otherwise as good as not there.
    package init(_ registry: RegistryFolder) {
        guard let names = try? Files.names(in: registry.fullPath("certificates")) else { return }
        for name in names {
            let path = "certificates/\(name)"
            guard name.hasSuffix(".der"), let digest = ContentDigest(hex: name.dropLast(4)) else {
                findings.append(
                    Finding("registry.file.unexpected", .indeterminate, path: path, "a file that belongs to nothing"))
                continue
            }
            do {
                let bytes = try Files.read(registry.fullPath(path), maximumBytes: Self.maximumBytes)
                let actual = ContentDigest.of(bytes)
                guard actual == digest else {
                    findings.append(
                        Finding(
                            "certificate.mismatch", path: path, expected: digest.text, actual: actual.text,
                            "the certificate's bytes are not those that its name says"))
                    continue
                }
                insert(try Certificate(derBytes: bytes))
            } catch {
                findings.append(Finding("certificate.malformed", path: path, "\(error)"))
            }
        }
    }

    package mutating func insert(_ certificate: Certificate) {
        let fingerprint = ContentDigest(certificate.fingerprint)
        guard byFingerprint[fingerprint] == nil else { return }
        byFingerprint[fingerprint] = certificate
        let identifier = Identifier(issuer: certificate.issuer, serialNumber: certificate.serialNumber)
        byIdentifier[identifier, default: []].append(certificate)
    }

    package subscript(fingerprint: ContentDigest) -> Certificate? { byFingerprint[fingerprint] }

    package var fingerprints: [ContentDigest] { Array(byFingerprint.keys) }
    package var all: [Certificate] { Array(byFingerprint.values) }

    /// The certificates with that issuer and serial number: more than one when somebody has made a twin, of which
    /// signing-certificate-v2 tells the right one.
    package func certificates(issuer: [UInt8], serialNumber: [UInt8]) -> [Certificate] {
        byIdentifier[Identifier(issuer: issuer, serialNumber: serialNumber)] ?? []
    }
}
