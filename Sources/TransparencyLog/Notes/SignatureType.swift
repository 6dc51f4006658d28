/// The byte that tells what a key signs and how (signed-note, Signature types).
package enum SignatureType: Hashable, Sendable {
    /// 0x01: Ed25519 over the note's text.
    case ed25519
    /// 0x04: a timestamped Ed25519 cosignature of a checkpoint (tlog-cosignature).
    case ed25519Cosignature
    /// Any other type. Its keys are kept and its signatures carried along, but never verified and never counted.
    case unsupported(UInt8)

    /// 0x02, whose key IDs are made in a way of their own.
    static let ecdsa = SignatureType(byte: 0x02)
    /// 0x06: a timestamped ML-DSA-44 cosignature of a tree or subtree (tlog-cosignature).
    package static let mldsa44Cosignature = SignatureType(byte: 0x06)

    package init(byte: UInt8) {
        switch byte {
        case 0x01: self = .ed25519
        case 0x04: self = .ed25519Cosignature
        default: self = .unsupported(byte)
        }
    }

    package var byte: UInt8 {
        switch self {
        case .ed25519: 0x01
        case .ed25519Cosignature: 0x04
        case .unsupported(let byte): byte
        }
    }

    package var isSupported: Bool {
        switch self {
        case .ed25519, .ed25519Cosignature: true
        case .unsupported: false
        }
    }
}
