/// A text and the signatures under it (signed-note, Format).
///
///     This is an example message.
///
///     — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
///
/// The text may have empty lines of its own: the last empty line is the separator. A parsed note is no verified note.
package struct SignedNote: Hashable, Sendable {
    package static let maximumByteCount = 1_000_000
    package static let maximumSignatureCount = 100

    /// With its final newline, without the separator.
    package let text: [UInt8]
    /// At least one, in the order of their lines.
    package let signatures: [NoteSignature]

    package init(text: [UInt8], signatures: [NoteSignature]) throws(SignedNoteError) {
        guard !signatures.isEmpty else { throw .noSignatures }
        guard signatures.count <= Self.maximumSignatureCount else { throw .tooManySignatures }
        self.text = text
        self.signatures = signatures
        let bytes = self.bytes
        guard bytes.count <= Self.maximumByteCount else { throw .tooLong }
        try Self.checkCharacters(bytes)
        guard text.last == 0x0A else { throw .textWithoutNewline }
    }

    package init(parsing bytes: [UInt8]) throws(SignedNoteError) {
        guard bytes.count <= Self.maximumByteCount else { throw .tooLong }
        try Self.checkCharacters(bytes)
        guard let end = Self.endOfText(bytes) else { throw .noSeparator }
        guard bytes.last == 0x0A else { throw .noFinalNewline }
        // After the text and the empty line, and without the last newline. Empty when there is no line at all.
        let lines = bytes[(end + 1)...].dropLast()
        guard !lines.isEmpty else { throw .noSignatures }
        var signatures: [NoteSignature] = []
        for line in lines.split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard signatures.count < Self.maximumSignatureCount else { throw .tooManySignatures }
            guard let signature = NoteSignature(line: line) else {
                throw .malformedSignature(line: signatures.count + 1)
            }
            signatures.append(signature)
        }
        text = Array(bytes[..<end])
        self.signatures = signatures
    }

    package var bytes: [UInt8] {
        text + [0x0A] + signatures.flatMap(\.line)
    }

    /// The note with more signatures below those that it has.
    package func adding(_ more: [NoteSignature]) throws(SignedNoteError) -> SignedNote {
        try SignedNote(text: text, signatures: signatures + more)
    }

    private static func checkCharacters(_ bytes: [UInt8]) throws(SignedNoteError) {
        guard !bytes.contains(where: { $0 < 0x20 && $0 != 0x0A }) else { throw .controlCharacter }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
    }

    /// Where the last empty line is: the second newline of the last two in a row.
    private static func endOfText(_ bytes: [UInt8]) -> Int? {
        var position = bytes.count - 1
        while position > 0 {
            if bytes[position] == 0x0A, bytes[position - 1] == 0x0A { return position }
            position -= 1
        }
        return nil
    }
}
