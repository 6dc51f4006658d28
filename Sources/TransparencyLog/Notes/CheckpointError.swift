/// What is wrong with the text of a checkpoint.
package enum CheckpointError: Error, Hashable, CustomStringConvertible {
    case tooLong
    case noFinalNewline
    case tooFewLines
    case badOrigin
    case badSize
    case badRoot
    case badEmptyRoot
    case badExtensionLine

    package var description: String {
        switch self {
        case .tooLong: "a checkpoint of more than \(SignedNote.maximumByteCount) bytes"
        case .noFinalNewline: "the checkpoint does not end in a newline"
        case .tooFewLines: "a checkpoint has at least three lines: origin, size and root"
        case .badOrigin: "the checkpoint's origin is empty, not UTF-8, or has a control character"
        case .badSize: "the checkpoint's size is not a decimal number without leading zeros, below 2^63"
        case .badRoot: "the checkpoint's root is not 32 bytes in base64"
        case .badEmptyRoot: "the checkpoint's root is not that of an empty tree"
        case .badExtensionLine: "an extension line of the checkpoint is empty, not UTF-8, or has a control character"
        }
    }
}
