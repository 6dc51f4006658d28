/// What is wrong with the form of a note. Signature lines are counted from 1.
package enum SignedNoteError: Error, Hashable, CustomStringConvertible {
    case tooLong
    case notUTF8
    case controlCharacter
    case noSeparator
    case noFinalNewline
    case noSignatures
    case tooManySignatures
    case malformedSignature(line: Int)
    case textWithoutNewline

    package var description: String {
        switch self {
        case .tooLong: "a note of more than \(SignedNote.maximumByteCount) bytes"
        case .notUTF8: "the note is not UTF-8"
        case .controlCharacter: "the note has a control character other than newline"
        case .noSeparator: "the note has no empty line between text and signatures"
        case .noFinalNewline: "the note does not end in a newline"
        case .noSignatures: "the note has no signatures"
        case .tooManySignatures: "the note has more than \(SignedNote.maximumSignatureCount) signatures"
        case .malformedSignature(let line): "signature line \(line) of the note is malformed"
        case .textWithoutNewline: "the text of the note does not end in a newline"
        }
    }
}
