internal import OpenSSLKit
internal import TiledLog

/// A file with a signed entry: the leaf, or what is exported of it.
struct EntryFile {
    static let maximumBytes = 1 << 20

    let bytes: [UInt8]
    let entry: Entry
    /// The certificates inside that can be read.
    let certificates: [Certificate]
    /// Why others cannot.
    let findings: [Finding]

    /// Nil when the file is no CMS SignedData with its content inside.
    ///
    /// - Throws: `FileError`.
    init?(path: String) throws {
        let bytes = try Files.start(of: path, count: Self.maximumBytes + 1, followingLinks: true)
        guard bytes.count <= Self.maximumBytes, let signedData = try? SignedData(derBytes: bytes),
            let leaf = try? signedData.withoutCertificates()
        else { return nil }
        var certificates: [Certificate] = []
        var findings: [Finding] = []
        for der in signedData.certificatesDER {
            do {
                certificates.append(try Certificate(derBytes: der))
            } catch {
                findings.append(Finding("certificate.malformed", "a certificate in the file cannot be read: \(error)"))
            }
        }
        self.bytes = bytes
        entry = Entry(leaf: leaf)
        self.certificates = certificates
        self.findings = findings
    }
}
