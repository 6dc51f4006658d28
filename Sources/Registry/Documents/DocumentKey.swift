package import Agreements
package import OpenSSLKit
internal import TiledLog

/// The key under which a restricted document is committed to: 32 random bytes, kept with the document and told to nobody
/// who may not read it. Its file: docs/restricted.md.
package struct DocumentKey: Sendable {
    private static let byteCount = 32
    private static let prefix = Array("hmac-sha256-key:".utf8)
    private static let fileByteCount = prefix.count + 2 * byteCount + 1

    private let secret: SecretBytes

    private init(_ secret: SecretBytes) { self.secret = secret }

    /// A new one.
    package static func random() throws(OpenSSLError) -> DocumentKey {
        DocumentKey(try SecretBytes.random(count: byteCount))
    }

    /// Reads a key's file: one line, `hmac-sha256-key:`, 64 lower-case hexadecimal digits and a newline.
    package init(path: String, followingLinks: Bool = false) throws(RegistryError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.fileByteCount)
        do {
            try Files.stream(path, maximumBytes: 4096, followingLinks: followingLinks) { bytes += $0 }
        } catch {
            throw RegistryError(.unavailable, "\(error)", hint: "the key of a restricted document is a file beside it")
        }
        let secret = Self.secret(in: bytes)
        // Wipes what was read.
        _ = SecretBytes(consuming: &bytes)
        guard let secret else {
            throw RegistryError(
                .unavailable, "\(path) is not the key of a document",
                hint: "it is one line: hmac-sha256-key: and 64 lower-case hexadecimal digits")
        }
        self.secret = secret
    }

    private static func secret(in line: [UInt8]) -> SecretBytes? {
        guard line.count == fileByteCount, line.starts(with: prefix), line.last == 0x0A,
            var key = LowercaseHex.decode(line.dropFirst(prefix.count).dropLast())
        else { return nil }
        return SecretBytes(consuming: &key)
    }

    /// What stands in the key's file, to be written where only its owner reads it.
    package var fileBytes: [UInt8] { Self.prefix + LowercaseHex.digits(of: secret.revealed()) + [0x0A] }

    package func code() throws(OpenSSLError) -> HMACSHA256 { try HMACSHA256(key: secret) }

    /// The commitment to a file, read in a stream, and its size. Its plain digest is never computed.
    package func commitment(
        to path: String, maximumBytes: Int = .max, followingLinks: Bool = false
    ) throws -> (commitment: DocumentCommitment, sizeBytes: Int) {
        var code = try code()
        let size = try Files.stream(path, maximumBytes: maximumBytes, followingLinks: followingLinks) {
            code.update($0)
        }
        return (DocumentCommitment(code: code.finalize()), size)
    }
}

extension DocumentCommitment {
    /// - Parameter code: HMAC-SHA256, 32 bytes.
    init(code: [UInt8]) {
        guard let value = DocumentCommitment(bytes: code) else { preconditionFailure("a code has 32 bytes") }
        self = value
    }
}
