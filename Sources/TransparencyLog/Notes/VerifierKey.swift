package import OpenSSLKit

/// A public key with its name and its purpose: a *vkey* (signed-note, Verifier keys).
///
///     example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
///
/// The type byte belongs to the key: a 0x01 key verifies notes, a 0x04 key cosignatures, and neither is ever taken for
/// the other. Keys of other types are read and printed and verify nothing.
package struct VerifierKey: Sendable {
    /// An ML-DSA-44 key takes 1,780 bytes, with its name.
    package static let maximumByteCount = 8192

    package let name: KeyName
    package let keyID: KeyID
    package let type: SignatureType
    /// The key without the type byte: for Ed25519 the 32 bytes of RFC 8032.
    package let keyBytes: [UInt8]

    /// Parsed once; nil for an unsupported type.
    let publicKey: PublicKey?

    /// A key of a type that verifies, 0x01 or 0x04.
    package init(ed25519 publicKey: PublicKey, name: KeyName, type: SignatureType) throws(VerifierKeyError) {
        guard type.isSupported else { throw .unsupportedType(type.byte) }
        guard let bytes = publicKey.ed25519Bytes else { throw .notEd25519 }
        try self.init(name: name, type: type, keyBytes: bytes)
    }

    package init(name: KeyName, type: SignatureType, keyBytes: [UInt8]) throws(VerifierKeyError) {
        self.name = name
        self.type = type
        self.keyBytes = keyBytes
        keyID = KeyID(name: name, type: type, keyBytes: keyBytes)
        guard type.isSupported else {
            guard !keyBytes.isEmpty else { throw .malformed }
            publicKey = nil
            return
        }
        guard keyBytes.count == 32, Self.isCanonicalPoint(keyBytes) else { throw .notEd25519 }
        do { publicKey = try PublicKey(ed25519: keyBytes) } catch { throw .notEd25519 }
    }

    package init(parsing text: [UInt8]) throws(VerifierKeyError) {
        guard text.count <= Self.maximumByteCount else { throw .tooLong }
        // At the first two plus signs: base64 may hold more of them, a name none.
        let parts = text.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed }
        guard let name = KeyName(parts[0]) else { throw .badName }
        guard let material = Base64.decode(parts[2]), let type = material.first else { throw .malformed }
        try self.init(name: name, type: SignatureType(byte: type), keyBytes: Array(material.dropFirst()))
        guard keyID.hex.utf8.elementsEqual(parts[1]) else { throw .wrongKeyID }
    }

    package init(parsing text: String) throws(VerifierKeyError) {
        try self.init(parsing: Array(text.utf8))
    }

    package var bytes: [UInt8] {
        let plus = UInt8(ascii: "+")
        return name.bytes + [plus] + Array(keyID.hex.utf8) + [plus] + Base64.encode([type.byte] + keyBytes)
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// RFC 8032, 5.1.3: a y coordinate of p = 2^255 - 19 or more is no encoding. OpenSSL would reduce it, and one point
    /// would have two spellings.
    private static func isCanonicalPoint(_ bytes: [UInt8]) -> Bool {
        bytes[31] & 0x7F != 0x7F || bytes[0] < 0xED || bytes[1..<31].contains { $0 != 0xFF }
    }
}

extension VerifierKey: Hashable {
    // The ID and the parsed key follow from these three.
    package static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.type == right.type && left.keyBytes == right.keyBytes
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(type)
        hasher.combine(keyBytes)
    }
}

extension VerifierKey: CustomStringConvertible {
    package var description: String { text }
}
