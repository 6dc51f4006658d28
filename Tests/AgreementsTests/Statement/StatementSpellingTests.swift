import Agreements
import Testing

@Suite("Spelling of a statement")
struct StatementSpellingTests {
    /// One edit of a valid statement, and what the refusal must say.
    struct Edit: Sendable, CustomTestStringConvertible {
        let old: String
        let new: [UInt8]
        let message: String

        init(_ old: String, _ new: String, _ message: String) {
            self.init(old, [UInt8](new), message)
        }

        init(_ old: String, _ new: [UInt8], _ message: String) {
            self.old = old
            self.new = new
            self.message = message
        }

        var testDescription: String { "\(old) to \(String(decoding: new, as: UTF8.self).debugDescription)" }
    }

    static let edits: [Edit] = [
        Edit("{\"agreement\"", " {\"agreement\"", "white space"),
        Edit(",\"event\"", ", \"event\"", "white space"),
        Edit("\"version\":1", "\"version\": 1", "white space"),
        Edit("\"version\":1}", "\"version\":1}\n", "after the value"),
        Edit("\"version\":1}", "\"version\":1} ", "after the value"),
        Edit("\"version\":1}", "\"version\":1}{}", "after the value"),
        Edit("\"version\":1}", "\"version\":1}\u{0}", "after the value"),
        Edit("\"version\":1}", "\"version\":1,}", "not what canonical JSON has here"),
        Edit("\"version\":1}", "\"version\":1", "ends in the middle"),
        Edit("{\"agreement\"", "\u{FEFF}{\"agreement\"", "byte order mark"),
        Edit("{\"agreement\"", [0xFE, 0xFF, 0x00, 0x7B], "not what canonical JSON has here"),
        Edit("\"binding\":true", "\"binding\":True", "not what canonical JSON has here"),
        Edit("\"expires\"", "\"previous\"", "not in ascending order"),
        Edit("\"size\":48213", "\"size\":48213,\"size\":48213", "already has"),
        Edit("\"size\":48213", "\"size\":48213.0", "fraction"),
        Edit("\"size\":48213", "\"size\":48213e0", "exponent"),
        Edit("\"size\":48213", "\"size\":4E4", "exponent"),
        Edit("\"size\":48213", "\"size\":-0", "negative"),
        Edit("\"size\":48213", "\"size\":-48213", "negative"),
        Edit("\"size\":48213", "\"size\":+48213", "not what canonical JSON has here"),
        Edit("\"size\":48213", "\"size\":048213", "leading zero"),
        Edit("\"size\":48213", "\"size\":9007199254740992", "2^53-1"),
        Edit("\"size\":48213", "\"size\":0x10", "not what canonical JSON has here"),
        Edit("\"size\":48213", "\"size\":NaN", "not what canonical JSON has here"),
        Edit("\"size\":48213", "\"size\":1_000", "not what canonical JSON has here"),
        Edit("Tashkent", "T\\u0061shkent", "escape"),
        Edit("Tashkent", "Tashkent\\/x", "escape"),
        Edit("Tashkent", "Tashkent\\n", "escape"),
        Edit("Tashkent", "Tash\nkent", "control"),
        Edit("Tashkent", "Tash\tkent", "control"),
        Edit("Tashkent", "Tash\u{7F}kent", "control"),
        Edit("Tashkent", "Tash\u{9B}kent", "control"),
        Edit("Tashkent", [0x54, 0xFF], "UTF-8"),
        Edit("Tashkent", [0x54, 0xC0, 0xAF], "UTF-8"),
        Edit("Tashkent", [0x54, 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], "UTF-8"),
        Edit("Tashkent", [0x54, 0xD0], "UTF-8"),
        Edit("Tashkent", "Tashke\u{301}nt", "normalization"),
        Edit("Tashkent", "\u{2126}", "normalization"),
        Edit("Tashkent", "Tash\u{202E}kent", "bidirectional"),
        Edit("Tashkent", "Tash\u{200F}kent", "bidirectional"),
        Edit("Tashkent", "Tash\u{2028}kent", "separator"),
        Edit("Tashkent", [0x54, 0xEF, 0xB7, 0x90], "noncharacter"),
        Edit("Tashkent", [0x54, 0xF0, 0x9F, 0xBF, 0xBF], "noncharacter"),
        Edit("Tashkent", "Tash\u{0378}kent", "not assigned"),
        Edit("\"Tashkent\"", "'Tashkent'", "not what canonical JSON has here"),
        Edit("\"Tashkent\"", "/*c*/\"Tashkent\"", "not what canonical JSON has here"),
        Edit("\"binding\":true", "binding:true", "not what canonical JSON has here"),
        Edit("\"kk\":", "\"kқ\":", "printable ASCII"),
        Edit("\"kk\":", "\"\":", "empty key"),
        Edit("\"notes\":", "\"n\\u006ftes\":", "escape"),
        Edit("\"Tashkent\"", "\"\"", "body.concluded.place: must not be empty"),
        Edit("\"binding\":true", "\"binding\":\"true\"", "body.binding: a string where true or false"),
        Edit("\"binding\":true", "\"binding\":1", "body.binding: an integer where true or false"),
        Edit("\"size\":48213", "\"size\":\"48213\"", "body.documents[0].size: a string where an integer"),
        Edit("\"size\":48213", "\"size\":null", "body.documents[0].size: null where an integer"),
        Edit("\"kind\":\"agreement\"", "\"kind\":null", "body.kind: null where a string"),
        Edit("\"kind\":\"agreement\"", "\"kind\":\"Agreement\"", "body.kind: not one of treaty, agreement"),
        Edit("\"signatory\":\"Minister\"}]", "\"signatory\":\"\"}]", "body.parties[1].signatory: must not be empty"),
        Edit(",\"signatory\":\"Minister\"}]", "}]", "body.parties[1].signatory: missing"),
        Edit("\"sources\":", "\"sauces\":[],\"sources\":", "body.sauces: unknown key"),
        Edit("\"sources\":[", "\"sources\":[\"\",", "body.sources[0]: must not be empty"),
        Edit("\"sources\":[\"https://example.com/a\"]", "\"sources\":\"a\"", "body.sources: a string where a list"),
        Edit("\"agreement.registered\"", "\"agreement.invented\"", "event: no event of version 1"),
        Edit("\"agreement.registered\"", "\"agreement.Registered\"", "event: no event of version 1"),
        Edit("{\"agreement\":\"KZ-UZ-2025-06\"", "{\"agreement\":\"kz-uz-2025-06\"", "agreement: not an agreement id"),
        Edit("{\"agreement\":\"KZ-UZ-2025-06\"", "{\"agreement\":null", "agreement: must not be null"),
        Edit("\"ledger\":\"sha256:ab", "\"ledger\":\"sha256:AB", "ledger: not sha256:"),
        Edit("\"ledger\":\"sha256:ab", "\"ledger\":\"sha256:b", "ledger: not sha256:"),
        Edit("\"ledger\":\"sha256:", "\"ledger\":\"sha512:", "ledger: not sha256:"),
        Edit("\"tree\":{", "\"tree\":{\"depth\":1,", "tree.depth: unknown key"),
        Edit("\"size\":1}", "\"size\":0}", "tree.size: 0 is less than 1"),
        Edit("\"version\":1", "\"version\":0", "version: not an integer"),
        Edit("\"version\":1", "\"version\":\"1\"", "version: not an integer"),
        Edit(",\"version\":1", "", "version: missing"),
        Edit("\"version\":1", "\"version\":1,\"zone\":null", "zone: unknown key"),
        Edit("\"expires\":\"2027-01-15T08:00:00Z\"", "\"expires\":\"2027-01-15\"", "expires: not a time"),
    ]

    @Test("a single fault is refused, and named", arguments: edits)
    func refusesSingleFault(_ edit: Edit) throws {
        let valid = try Fixture.statement(.agreementRegistered(Fixture.registered()))
        let bytes = try valid.canonicalBytes.replacing(edit.old, with: edit.new)
        let error = try #require(throws: StatementError.self) { try Statement(canonicalBytes: bytes) }
        #expect(error.description.contains(edit.message), "\(error)")
    }

    @Test("a statement in UTF-16 is refused")
    func refusesUTF16() throws {
        let valid = try Fixture.statement(.agreementNoted(Fixture.noted())).canonicalBytes
        let pairs = valid.map { (byte: UInt8) -> [UInt8] in [byte, 0] }
        for wide in [[UInt8](pairs.joined()), [UInt8](pairs.map { $0.reversed() }.joined())] {
            #expect(throws: StatementError.self) { try Statement(canonicalBytes: wide) }
        }
    }

    @Test("a depth bomb of 100,000 levels is refused")
    func refusesDepthBomb() throws {
        let valid = try Fixture.statement(.agreementNoted(Fixture.noted())).canonicalBytes
        for bomb in ["[", "{\"a\":"] {
            let bytes = try valid.replacing("\"a note\"", with: String(repeating: bomb, count: 100_000))
            #expect(throws: StatementError.self) { try Statement(canonicalBytes: bytes) }
            let shorter = try valid.replacing("\"a note\"", with: String(repeating: bomb, count: 5_000))
            let error = try #require(throws: StatementError.self) { try Statement(canonicalBytes: shorter) }
            #expect(error.reason.contains("nested deeper"))
        }
    }

    @Test("a statement of 32 KiB is taken, one byte more is refused")
    func limitsLength() throws {
        let valid = try Fixture.statement(.agreementNoted(Fixture.noted())).canonicalBytes
        let padding = 32_768 - valid.count
        let longest = try valid.replacing("a note", with: "a note" + String(repeating: "x", count: padding))
        #expect(try Statement(canonicalBytes: longest).canonicalBytes == longest)
        let tooLong = try longest.replacing("a note", with: "a notex")
        let error = try #require(throws: StatementError.self) { try Statement(canonicalBytes: tooLong) }
        #expect(error.reason.contains("longer than allowed"))
    }

    @Test("what is no object is no statement", arguments: ["null", "[]", "1", "\"a\"", "{}"])
    func refusesOtherValues(_ text: String) {
        #expect(throws: StatementError.self) { try Statement(canonicalBytes: [UInt8](text)) }
    }
}
