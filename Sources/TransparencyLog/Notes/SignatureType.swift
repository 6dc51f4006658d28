/// The byte that tells what a key signs and how (signed-note, Signature types).
///
/// A note carries signatures of any type. Those of types that are not supported are never verified and never counted.
package struct SignatureType: Hashable, Sendable {
    /// 0x01: Ed25519 over the note's text.
    package static let ed25519 = SignatureType(byte: 0x01)
    /// 0x02, whose key IDs are made in a way of their own.
    package static let ecdsa = SignatureType(byte: 0x02)
    /// 0x04: a timestamped Ed25519 cosignature of a checkpoint (tlog-cosignature).
    package static let ed25519Cosignature = SignatureType(byte: 0x04)
    /// 0x06: a timestamped ML-DSA-44 cosignature of a tree or subtree (tlog-cosignature).
    package static let mldsa44Cosignature = SignatureType(byte: 0x06)

    package let byte: UInt8

    package init(byte: UInt8) {
        self.byte = byte
    }

    package var isSupported: Bool { self == .ed25519 || self == .ed25519Cosignature }
}
