package import Agreements
package import OpenSSLKit
internal import TiledLog

/// The certificates that a registry holds, each parsed once, and not before it is needed. Being here gives a certificate
/// no right at all.
package struct CertificateStore: Sendable {
    private struct Identifier: Hashable {
        let issuer: [UInt8]
        let serialNumber: [UInt8]
    }

    private var byFingerprint: [ContentDigest: HeldCertificate] = [:]
    private var byIdentifier: [Identifier: [HeldCertificate]] = [:]
    private var readingFindings: [Finding] = []

    private static let maximumBytes = 1 << 16

    package init(_ certificates: [Certificate] = []) {
        for certificate in certificates { insert(certificate) }
    }

    /// Reads `certificates/`. What cannot be read is a finding, and otherwise as good as not there.
    package init(_ registry: RegistryFolder) {
        let names = FileWalk.listed("certificates", &readingFindings) { () throws(FileError) in
            try Files.names(in: registry.fullPath("certificates"))
        }
        for name in names {
            let path = "certificates/\(name)"
            guard name.hasSuffix(".der"), let digest = ContentDigest(hex: name.dropLast(4)) else {
                readingFindings.append(
                    Finding("registry.file.unexpected", .indeterminate, path: path, "a file that belongs to nothing"))
                continue
            }
            do {
                let bytes = try Files.read(registry.fullPath(path), maximumBytes: Self.maximumBytes)
                let actual = ContentDigest.of(bytes)
                guard actual == digest else {
                    readingFindings.append(
                        Finding(
                            "certificate.mismatch", path: path, expected: digest.text, actual: actual.text,
                            "the certificate's bytes are not those that its name says"))
                    continue
                }
                insert(try HeldCertificate(derBytes: bytes), as: digest)
            } catch {
                readingFindings.append(Finding("certificate.malformed", path: path, "\(error)"))
            }
        }
    }

    package mutating func insert(_ certificate: Certificate) {
        guard let held = try? HeldCertificate(certificate) else { return }
        insert(held, as: ContentDigest(certificate.fingerprint))
    }

    private mutating func insert(_ held: HeldCertificate, as fingerprint: ContentDigest) {
        guard byFingerprint[fingerprint] == nil else { return }
        byFingerprint[fingerprint] = held
        let identifier = Identifier(issuer: held.outline.issuer, serialNumber: held.outline.serialNumber)
        byIdentifier[identifier, default: []].append(held)
    }

    package subscript(fingerprint: ContentDigest) -> Certificate? { byFingerprint[fingerprint]?.certificate }

    /// DER of the certificate's key, whether or not the rest of it can be parsed; nil when it is not held.
    func subjectPublicKeyInfo(of fingerprint: ContentDigest) -> [UInt8]? {
        byFingerprint[fingerprint]?.outline.subjectPublicKeyInfo
    }

    /// Files that are not what their names say. All certificates are parsed to tell.
    package var findings: [Finding] {
        let malformed = byFingerprint.sorted { $0.key < $1.key }.compactMap { fingerprint, held in
            held.fault.map {
                Finding("certificate.malformed", path: RegistryFolder.certificateName(fingerprint), $0)
            }
        }
        return readingFindings + malformed
    }

    /// Of those that can be parsed.
    package var fingerprints: [ContentDigest] { byFingerprint.filter { $0.value.certificate != nil }.map(\.key) }
    package var all: [Certificate] { byFingerprint.values.compactMap(\.certificate) }

    /// The certificates with that issuer and serial number: more than one when somebody has made a twin, of which
    /// signing-certificate-v2 tells the right one.
    package func certificates(issuer: [UInt8], serialNumber: [UInt8]) -> [Certificate] {
        (byIdentifier[Identifier(issuer: issuer, serialNumber: serialNumber)] ?? []).compactMap(\.certificate)
    }
}
