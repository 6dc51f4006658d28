import OpenSSLKit
import Testing
import TransparencyLog

@Suite("Signed notes")
struct SignedNoteTests {
    /// The examples of signed-note, tlog-checkpoint and tlog-cosignature, as they stand there.
    static let examples: [[UInt8]] = [
        lines(
            "Ognuno sta solo sul cuor della terra",
            "trafitto da un raggio di sole:",
            "",
            "ed è subito sera.",
            "",
            "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc="
        ),
        message,
        lines(
            "example.com/behind-the-sofa",
            "20852163",
            "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
            "",
            "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=",
            "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
        ),
    ]

    static let message = lines(
        "This is an example message.",
        "",
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    )
    static let messageKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

    private let signature =
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="

    @Test("The specifications' examples are printed as they were read", arguments: examples)
    func roundTrip(bytes: [UInt8]) throws {
        let note = try SignedNote(parsing: bytes)
        #expect(note.bytes == bytes)
        #expect(try SignedNote(text: note.text, signatures: note.signatures) == note)
    }

    @Test("The text ends before the last empty line")
    func text() throws {
        #expect(
            try SignedNote(parsing: Self.examples[0]).text
                == lines(
                    "Ognuno sta solo sul cuor della terra",
                    "trafitto da un raggio di sole:",
                    "",
                    "ed è subito sera."
                )
        )
        #expect(try SignedNote(parsing: lines("a", "", "", signature)).text == lines("a", ""))
        #expect(try SignedNote(parsing: lines("", "", signature)).text == lines(""))
        // Without a line of text there is no note.
        #expect(throws: SignedNoteError.noSeparator) { try SignedNote(parsing: lines("", signature)) }
    }

    @Test("The specification's key verifies the specification's note")
    func specification() throws {
        let key = try VerifierKey(parsing: Self.messageKey)
        let verification = try SignedNote(parsing: Self.message).verify(with: [key])
        #expect(verification.verified.map(\.key) == [key])
        #expect(verification.verified.map(\.time) == [nil])
        #expect(verification.unknown.isEmpty)
    }

    @Test(
        "A note in any other form is refused, and the reason named",
        arguments: [
            ([], .noSeparator),
            (lines("a"), .noSeparator),
            (lines("a", ""), .noSignatures),
            (lines("a", "", ""), .noSignatures),
            (lines("a", "b"), .noSeparator),
            (lines("a", "", "b"), .malformedSignature(line: 1)),
            (Array("a\n\nb".utf8), .noFinalNewline),
            (Array("\n".utf8), .noSeparator),
            (Array("a\r\n".utf8), .controlCharacter),
            (Array("a\u{0}\n\n".utf8), .controlCharacter),
            (Array("a\tb\n\n".utf8), .controlCharacter),
            ([0x80, 0x0A, 0x0A], .notUTF8),
            ([0xED, 0xA0, 0x80, 0x0A, 0x0A], .notUTF8),
        ] as [([UInt8], SignedNoteError)]
    )
    func refused(bytes: [UInt8], error: SignedNoteError) {
        #expect(throws: error) { try SignedNote(parsing: bytes) }
    }

    @Test(
        "A signature line has one spelling",
        arguments: [
            "- example.com/foo Uw2QOkk=", "— example.com/foo", "— example.com/foo ", "—  example.com/foo Uw2QOkk=",
            "— example.com/foo  Uw2QOkk=", "— example.com/foo Uw2QOkk= ", " — example.com/foo Uw2QOkk=",
            "—\u{A0}example.com/foo Uw2QOkk=", "— example.com/a+b Uw2QOkk=", "— example.com/\u{A0}foo Uw2QOkk=",
            "—  Uw2QOkk=", "— example.com/foo Uw2QOkk", "— example.com/foo Uw2QOkl=", "— example.com/foo Uw2QOg==",
            "— example.com/foo Uw2Q", "— example.com/foo Uw2-Okk=", "example.com/foo Uw2QOkk=",
        ]
    )
    func signatureLine(line: String) {
        #expect(NoteSignature(line: Array(line.utf8)) == nil)
        #expect(throws: SignedNoteError.malformedSignature(line: 2)) {
            try SignedNote(parsing: lines("a", "", signature, line))
        }
        // The same line in its one spelling.
        #expect(NoteSignature(line: Array("— example.com/foo Uw2QOkk=".utf8)) != nil)
    }

    @Test("A carriage return is refused wherever it stands")
    func carriageReturn() throws {
        for position in Self.message.indices where Self.message[position] == 0x0A {
            var bytes = Self.message
            bytes.insert(0x0D, at: position)
            #expect(throws: SignedNoteError.controlCharacter) { try SignedNote(parsing: bytes) }
        }
    }

    @Test("A note without its last newline is refused")
    func finalNewline() {
        #expect(throws: SignedNoteError.noFinalNewline) { try SignedNote(parsing: Self.message.dropLast()) }
    }

    @Test("100 signatures are read, 101 are not")
    func count() throws {
        let start = lines("a", "")
        let line = Array(signature.utf8) + [0x0A]
        let most = start + Array(repeatElement(line, count: 100).joined())
        #expect(try SignedNote(parsing: most).signatures.count == 100)
        #expect(throws: SignedNoteError.tooManySignatures) { try SignedNote(parsing: most + line) }
    }

    @Test("A note of a million bytes is read, a longer one is not")
    func size() throws {
        let signed = lines("", "", signature)
        let text = [UInt8](repeating: 0x61, count: SignedNote.maximumByteCount - signed.count)
        #expect(try SignedNote(parsing: text + signed).bytes.count == SignedNote.maximumByteCount)
        #expect(throws: SignedNoteError.tooLong) { try SignedNote(parsing: [0x61] + text + signed) }
    }

    @Test("A note that would not be read back as it was meant is not made")
    func making() throws {
        let signature = try #require(NoteSignature(line: Array(signature.utf8)))
        #expect(throws: SignedNoteError.textWithoutNewline) { try SignedNote(text: [0x61], signatures: [signature]) }
        #expect(throws: SignedNoteError.textWithoutNewline) { try SignedNote(text: [], signatures: [signature]) }
        #expect(throws: SignedNoteError.noSignatures) { try SignedNote(text: lines("a"), signatures: []) }
        #expect(throws: SignedNoteError.controlCharacter) {
            try SignedNote(text: lines("a\r"), signatures: [signature])
        }
        #expect(throws: SignedNoteError.notUTF8) { try SignedNote(text: [0xFF, 0x0A], signatures: [signature]) }
        #expect(throws: SignedNoteError.tooManySignatures) {
            try SignedNote(text: lines("a"), signatures: [signature])
                .adding(Array(repeating: signature, count: 100))
        }
    }
}
