/// What is wrong with a verifier key.
package enum VerifierKeyError: Error, Hashable, CustomStringConvertible {
    case tooLong
    case malformed
    case badName
    case wrongKeyID
    case notEd25519
    case unsupportedType(UInt8)

    package var description: String {
        switch self {
        case .tooLong: "a verifier key of more than \(VerifierKey.maximumByteCount) bytes"
        case .malformed: "a verifier key is <name>+<key ID>+<base64 of type and key>"
        case .badName: "the key name is empty, not UTF-8, or has a space, a plus or a control character"
        case .wrongKeyID: "the key ID does not belong to the name and the key"
        case .notEd25519: "the key is not an Ed25519 public key of 32 bytes"
        case .unsupportedType(let byte): "keys of type \(byte) are not supported"
        }
    }
}
