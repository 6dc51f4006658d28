import Testing

@testable import Agreements

@Suite("Characters")
struct TextRulesTests {
    @Test("the shortcut for plain characters agrees with the full rules")
    func shortcutAgrees() {
        for value in UInt32(0x20)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), TextRules.isPlain(scalar) else { continue }
            // Beside a base letter and a mark: what is plain must neither join nor part with its neighbours.
            let string = String(String.UnicodeScalarView([scalar]))
            let neighbours = "\u{4E2D}\(string)\u{4E2D}"
            #expect(scalar.properties.canonicalCombiningClass == .notReordered, "U+\(String(value, radix: 16))")
            #expect(TextRules.fault(of: scalar) == nil, "U+\(String(value, radix: 16))")
            // By the marks around them the full check is made.
            #expect(TextRules.fault(in: "q\u{323}" + neighbours) == nil, "U+\(String(value, radix: 16))")
        }
    }

    @Test("a mark that would join with the plain letter before it is found")
    func findsJoiningMark() {
        #expect(TextRules.fault(in: "a\u{301}") == .notNormalized)
        #expect(TextRules.fault(in: "\u{438}\u{306}") == .notNormalized)
        #expect(TextRules.fault(in: "\u{439}") == nil)
        #expect(TextRules.fault(in: "q\u{301}") == nil)
        #expect(TextRules.fault(in: "q\u{301}\u{323}") == .notNormalized)
    }

    @Test("every control, bidirectional control and noncharacter of Unicode is refused")
    func refusesByProperty() {
        var refused = 0
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let properties = scalar.properties
            guard
                properties.generalCategory == .control || properties.generalCategory == .unassigned
                    || properties.isBidiControl || properties.isNoncharacterCodePoint
            else { continue }
            refused += 1
            #expect(TextRules.fault(of: scalar) != nil && !TextRules.isPlain(scalar), "U+\(String(value, radix: 16))")
        }
        #expect(refused > 66 + 65 + 12)
    }
}
