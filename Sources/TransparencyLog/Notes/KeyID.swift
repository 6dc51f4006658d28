internal import OpenSSLKit

/// Four bytes that, with the name, tell keys apart (signed-note, Signatures). An identifier and no hash to rely on:
/// anyone can make a key with a given ID.
package struct KeyID: Hashable, Sendable {
    package let value: UInt32

    package init(_ value: UInt32) {
        self.value = value
    }

    /// From big-endian bytes; nil unless there are four.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 else { return nil }
        value = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The ID that signed-note recommends and tlog-cosignature demands: `SHA-256(name || 0x0A || type || key)[:4]`.
    init(name: KeyName, type: SignatureType, keyBytes: [UInt8]) {
        // signed-note, Signature types: ECDSA's is the hash of the key alone, which is a DER SubjectPublicKeyInfo.
        let input = type == .ecdsa ? keyBytes : name.bytes + [0x0A, type.byte] + keyBytes
        value = SHA256Hasher.hash(input).bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Big-endian.
    package var bytes: [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }

    /// Eight lower-case digits.
    package var hex: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}

extension KeyID: CustomStringConvertible {
    package var description: String { hex }
}
