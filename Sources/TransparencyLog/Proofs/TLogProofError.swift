/// What is wrong with the form of a proof. Hashes are counted from 1.
package enum TLogProofError: Error, Hashable, CustomStringConvertible {
    case tooLong
    case badHeader
    case truncated
    case badExtra
    case badIndex
    case badHash(number: Int)
    case tooManyHashes
    case note(SignedNoteError)
    case checkpoint(CheckpointError)

    package var description: String {
        switch self {
        case .tooLong: "a proof of more than \(TLogProof.maximumByteCount) bytes"
        case .badHeader: "the proof does not begin with c2sp.org/tlog-proof@v1"
        case .truncated: "the proof ends before its checkpoint"
        case .badExtra: "the proof's extra data is empty or not base64"
        case .badIndex: "the proof's index is not a decimal number without leading zeros, below 2^63"
        case .badHash(let number): "hash \(number) of the proof is not 32 bytes in base64"
        case .tooManyHashes: "the proof has more than \(TLogProof.maximumHashCount) hashes"
        case .note(let error): "the proof's checkpoint: \(error)"
        case .checkpoint(let error): "the proof's checkpoint: \(error)"
        }
    }
}
