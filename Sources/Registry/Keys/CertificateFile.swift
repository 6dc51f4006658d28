package import OpenSSLKit
internal import TiledLog

/// A file of certificates that somebody brings: PEM, one or more, or DER, one.
package enum CertificateFile {
    private static let maximumBytes = 1 << 20

    package static func certificates(_ path: String) throws -> [Certificate] {
        var bytes: [UInt8] = []
        do {
            try Files.stream(path, maximumBytes: maximumBytes, followingLinks: true) { bytes += $0 }
        } catch {
            throw RegistryError(.unavailable, "\(error)", hint: "bring certificates in PEM or DER")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard !text.contains("PRIVATE KEY-----") else {
            throw RegistryError(
                .refused, "\(path) has a private key in it",
                hint: "certificates go to others: bring them in a file without it")
        }
        do {
            if bytes.first == 0x30 { return [try Certificate(derBytes: bytes)] }
            let certificates = try Certificate.all(inPEM: bytes)
            guard text.split(separator: "-----BEGIN ", omittingEmptySubsequences: false).count == certificates.count + 1
            else { throw OpenSSLError("reading certificates", reason: "there are other things than certificates") }
            return certificates
        } catch {
            throw RegistryError(
                .refused, "\(path) is not certificates in PEM, nor one in DER: \(error)",
                hint: "see what it is with 'openssl x509 -in \(path) -noout -text'")
        }
    }
}
