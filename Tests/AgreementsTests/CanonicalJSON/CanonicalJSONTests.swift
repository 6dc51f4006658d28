import Agreements
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    @Test(
        "a canonical value is read, and prints as it was read",
        arguments: [
            "null", "true", "false", "0", "7", "10", "9007199254740991", "\"\"", "\"a\"", "\"/\"", "\"\\\"\"",
            "\"\\\\\"", "\"\\\\\\\"\"", "[]", "{}", "[[],{}]", "[0,1]", "{\"a\":1}", "{\"a\":{\"b\":[null]},\"b\":2}",
            "{\"A\":1,\"a\":1}", "{\"a\":1,\"aa\":1}", "\"Қазақстан\"", "\"Oʻzbekiston – “№ 1”\"", "\"中\"", "\"😀\"",
            "\"é\"", "\"\\\\é\"", "\"각\"", "\"\u{E000}\"", "{\"\\\"\":1}",
        ])
    func readsCanonical(_ text: String) throws {
        let bytes = [UInt8](text)
        #expect(try CanonicalJSON(parsing: bytes).bytes == bytes)
    }

    @Test(
        "another spelling is refused, with its reason and place",
        arguments: CanonicalFault.all)
    func refusesOtherSpellings(_ fault: CanonicalFault) {
        #expect(throws: CanonicalJSONError(offset: fault.offset, reason: fault.reason)) {
            try CanonicalJSON(parsing: [UInt8](fault.text))
        }
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [
            [0xFF], [0x80], [0xC3], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF],
            [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xD0, 0x41],
        ] as [[UInt8]])
    func refusesInvalidUTF8(_ bytes: [UInt8]) {
        let json = [UInt8]("\"a") + bytes + [UInt8]("\"")
        #expect(throws: CanonicalJSONError(offset: 1, reason: .invalidUTF8)) { try CanonicalJSON(parsing: json) }
    }

    @Test(
        "a noncharacter is refused",
        arguments: [[0xEF, 0xB7, 0x90], [0xEF, 0xBF, 0xBE], [0xEF, 0xBF, 0xBF], [0xF4, 0x8F, 0xBF, 0xBF]] as [[UInt8]])
    func refusesNoncharacters(_ bytes: [UInt8]) {
        let json = [UInt8]("\"a") + bytes + [UInt8]("\"")
        #expect(throws: CanonicalJSONError(offset: 1, reason: .noncharacter)) { try CanonicalJSON(parsing: json) }
    }

    @Test("depth counts arrays and objects, and its limit holds")
    func limitsDepth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: UInt8(ascii: "["), count: depth) + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
        }
        #expect(try CanonicalJSON(parsing: nested(16)).bytes == nested(16))
        #expect(throws: CanonicalJSONError(offset: 16, reason: .tooDeep)) { try CanonicalJSON(parsing: nested(17)) }
        #expect(throws: CanonicalJSONError(offset: 16, reason: .tooDeep)) {
            try CanonicalJSON(parsing: nested(100_000), maximumBytes: 1_000_000)
        }
    }

    @Test("more bytes than allowed are refused before they are read")
    func limitsLength() throws {
        let text = [UInt8]("\"" + String(repeating: "a", count: 32_766) + "\"")
        #expect(try CanonicalJSON(parsing: text).bytes == text)
        #expect(throws: CanonicalJSONError(offset: 32_768, reason: .tooLong)) {
            try CanonicalJSON(parsing: text + [0])
        }
    }

    @Test("a value made in memory against the rules is refused when read back")
    func refusesOwnFaults() {
        let faulty: [CanonicalJSON] = [
            .integer(-1), .integer(.max), .string("a\nb"), .string("e\u{301}"),
            .object([.init(key: "b", value: .null), .init(key: "a", value: .null)]),
        ]
        for value in faulty {
            #expect(throws: CanonicalJSONError.self) { try CanonicalJSON(parsing: value.bytes) }
        }
    }
}
