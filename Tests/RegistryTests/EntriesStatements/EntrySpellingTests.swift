import Agreements
import Registry
import Support
import Testing

/// Every party has signed, and the bytes say the same to a lax reader: they are no statement all the same.
@Suite struct EntrySpellingTests {
    struct Edit: Sendable, CustomTestStringConvertible {
        let old: String
        let new: [UInt8]
        let saying: String

        init(_ old: String, _ new: String, _ saying: String) { self.init(old, Array(new.utf8), saying) }

        init(_ old: String, _ new: [UInt8], _ saying: String) {
            self.old = old
            self.new = new
            self.saying = saying
        }

        var testDescription: String { "\(old) to \(String(decoding: new, as: UTF8.self).debugDescription)" }
    }

    /// Of a statement with the title "Tashkent".
    static let edits: [Edit] = [
        Edit("{\"agreement\"", " {\"agreement\"", "white space"),
        Edit("{\"agreement\"", "{\n\"agreement\"", "white space"),
        Edit(",\"event\"", ", \"event\"", "white space"),
        Edit("\"version\":1", "\"version\": 1", "white space"),
        Edit("\"version\":1}", "\"version\":1}\n", "after the value"),
        Edit("\"version\":1}", "\"version\":1}\r\n", "after the value"),
        Edit("\"version\":1}", "\"version\":1}{}", "after the value"),
        Edit("\"version\":1}", "\"version\":1}\u{0}", "after the value"),
        Edit("\"version\":1}", "\"version\":1,}", "not what canonical JSON has here"),
        Edit("\"version\":1}", "\"version\":1", "ends in the middle"),
        Edit("{\"agreement\"", "\u{FEFF}{\"agreement\"", "byte order mark"),
        Edit("\"version\":1", "\"version\":1.0", "fraction"),
        Edit("\"version\":1", "\"version\":1e0", "exponent"),
        Edit("\"version\":1", "\"version\":01", "leading zero"),
        Edit("\"version\":1", "\"version\":-1", "negative"),
        Edit("\"version\":1", "\"version\":1,\"version\":1", "already has"),
        Edit("{\"agreement\":\"A-2\"", "{\"agreement\":\"A-2\",\"agreement\":\"A-3\"", "already has"),
        Edit("\"expires\":null", "\"zzz\":null", "not in ascending order"),
        Edit("\"expires\":null", "\"expires\":Null", "not what canonical JSON has here"),
        Edit("\"expires\":null,", "", "expires: missing"),
        Edit("\"previous\":null", "\"previous\":null,\"remark\":null", "remark: unknown key"),
        Edit("Tashkent", "T\\u0061shkent", "escape"),
        Edit("Tashkent", "Tashkent\\/", "escape"),
        Edit("Tashkent", "Tashkent\\n", "escape"),
        Edit("Tashkent", "Tash\nkent", "control"),
        Edit("Tashkent", "Tash\u{0}kent", "control"),
        Edit("Tashkent", "Tash\u{1B}kent", "control"),
        Edit("Tashkent", "Tash\u{7F}kent", "control"),
        Edit("Tashkent", "Tash\u{9B}kent", "control"),
        Edit("Tashkent", [0x54, 0xFF], "UTF-8"),
        Edit("Tashkent", [0x54, 0xC0, 0xAF], "UTF-8"),
        Edit("Tashkent", [0x54, 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], "UTF-8"),
        Edit("Tashkent", "Tashke\u{301}nt", "normalization"),
        Edit("Tashkent", "\u{212A}", "normalization"),
        Edit("Tashkent", "Tash\u{202E}kent", "bidirectional"),
        Edit("Tashkent", "Tash\u{2067}kent", "bidirectional"),
        Edit("Tashkent", "Tash\u{2028}kent", "separator"),
        Edit("Tashkent", [0x54, 0xEF, 0xB7, 0x90], "noncharacter"),
        Edit("Tashkent", "Tash\u{0378}kent", "not assigned"),
        Edit("\"Tashkent\"", "'Tashkent'", "not what canonical JSON has here"),
        Edit("\"Tashkent\"", "/*c*/\"Tashkent\"", "not what canonical JSON has here"),
        Edit("\"en\":", "\"\":", "empty key"),
        Edit("\"en\":", "\"en\u{0442}\":", "printable ASCII"),
        Edit("\"en\":", "en:", "not what canonical JSON has here"),
        Edit("\"ledger\":\"sha256:", "\"ledger\":\"SHA256:", "ledger: not sha256:"),
        Edit("\"agreement\":\"A-2\"", "\"agreement\":\"a-2\"", "agreement: not an agreement id"),
        Edit("\"agreement\":\"A-2\"", "\"agreement\":null", "agreement: must not be null"),
        Edit("\"agreement.registered\"", "\"agreement.invented\"", "event: no event of version 1"),
        Edit("\"agreement.registered\"", "\"agreement.entered-into-force\"", "body.date: missing"),
        Edit("\"version\":1", "\"version\":0", "version: not an integer"),
    ]

    @Test(arguments: edits)
    func `Another spelling of a statement is refused whoever signed it`(_ edit: Edit) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let statement = try crowded.statement(title: "Tashkent").canonicalBytes
        let content = try statement.replacing(edit.old, with: edit.new)
        let leaf = try crowded.leaf(content, [crowded.signer("KZ"), crowded.signer("UZ")])
        try await Refusal("statement.malformed", edit.saying).holds(for: leaf, in: crowded)
    }

    @Test func `A statement in UTF-16 is refused`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let narrow = try crowded.statement().canonicalBytes
        let content = narrow.flatMap { byte in [byte, 0] as [UInt8] }
        let leaf = try crowded.leaf(content, [crowded.signer("KZ"), crowded.signer("UZ")])
        try await Refusal("statement.malformed", "not canonical JSON").holds(for: leaf, in: crowded)
    }

    @Test(arguments: ["", "null", "[]", "{}", "\"A-2\"", "%PDF-1.7"])
    func `Signed bytes that are no object of a statement are refused`(_ text: String) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let leaf = try crowded.leaf(Array(text.utf8), [crowded.signer("KZ"), crowded.signer("UZ")])
        try await Refusal("statement.malformed", "").holds(for: leaf, in: crowded)
    }

    @Test func `A statement of 32 KiB is added and one byte more is refused`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let short = try crowded.statement(title: "Tashkent").canonicalBytes
        let padding = String(repeating: "x", count: 32_768 - short.count)
        let longest = try short.replacing("Tashkent", with: "Tashkent" + padding)
        let parties = [crowded.signer("KZ"), crowded.signer("UZ")]
        #expect(
            try await crowded.copy().registrar().queue(leaf: crowded.leaf(longest, parties), documents: [:]).index == 2)
        let tooLong = try short.replacing("Tashkent", with: "Tashkentx" + padding)
        try await Refusal("statement.malformed", "longer than allowed")
            .holds(for: crowded.leaf(tooLong, parties), in: crowded)
    }

    @Test func `A statement nested too deep is refused`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement(title: "Tashkent").canonicalBytes
            .replacing("\"Tashkent\"", with: String(repeating: "[", count: 10_000))
        let leaf = try crowded.leaf(content, [crowded.signer("KZ"), crowded.signer("UZ")])
        try await Refusal("statement.malformed", "nested deeper").holds(for: leaf, in: crowded)
    }
}
