/// Why a note is refused, whatever else is under it.
package enum NoteVerificationError: Error, Hashable, CustomStringConvertible {
    /// A line by a known key does not verify.
    case badSignature(KeyName)
    /// Two lines by one known key.
    case repeatedSignature(KeyName)
    /// Two of the known keys share a name and a key ID.
    case ambiguousKey(KeyName)
    /// No known key signed.
    case noKnownSignature

    package var description: String {
        switch self {
        case .badSignature(let name): "the signature by \(name) does not verify"
        case .repeatedSignature(let name): "there are two signatures by \(name)"
        case .ambiguousKey(let name): "two known keys of the name \(name) have the same key ID"
        case .noKnownSignature: "there is no signature by a known key"
        }
    }
}
