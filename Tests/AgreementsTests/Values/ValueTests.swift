import Testing

@testable import Agreements

@Suite("Values")
struct ValueTests {
    @Test("a digest is spelled in one way", arguments: ["A", "g", "", "0", " "])
    func digestSpelling(_ last: String) throws {
        let head = "sha256:" + String(repeating: "0f", count: 31)
        let digest = try #require(ContentDigest(text: head + "a9"))
        #expect(digest.text == head + "a9")
        #expect(digest.bytes.count == 32 && digest.bytes.last == 0xA9)
        #expect(ContentDigest(bytes: digest.bytes) == digest)
        #expect(ContentDigest(text: head + "a" + (last == "0" ? "00" : last)) == nil)
        #expect(ContentDigest(text: "SHA256:" + digest.hex) == nil)
        #expect(ContentDigest(text: digest.hex) == nil)
        #expect(ContentDigest(text: "hmac-" + digest.text) == nil)
        #expect(ContentDigest(bytes: digest.bytes.dropLast()) == nil)
    }

    @Test("digests are ordered as their bytes are", arguments: 0..<32)
    func digestOrder(_ position: Int) throws {
        var low = [UInt8](repeating: 0x80, count: 32)
        var high = low
        low[position] = 0x7F
        high[position] = 0x81
        let (first, second) = (try #require(ContentDigest(bytes: low)), try #require(ContentDigest(bytes: high)))
        #expect(first < second)
        #expect(!(second < first))
        #expect(first.hex < second.hex)
    }

    @Test("a commitment is not a digest, nor a digest a commitment")
    func commitmentSpelling() throws {
        let text = "hmac-sha256:" + String(repeating: "0f", count: 32)
        #expect(DocumentCommitment(text: text)?.text == text)
        #expect(ContentDigest(text: text) == nil)
        #expect(DocumentCommitment(text: "sha256:" + String(repeating: "0f", count: 32)) == nil)
    }

    @Test("an id of the right form is taken", arguments: ["A", "0", "KZ", "KZ-UZ-2025-06", "K-", "Kz"])
    func takesID(_ text: String) {
        #expect(AgreementID(text)?.text == text)
        #expect(PartyID(text: text)?.description == text)
    }

    @Test(
        "an id of another form is refused",
        arguments: [
            "", "kz", "-KZ", "K Z", "KZ_1", "KZ.1", "ҚZ", "KZ/", "KZ\n", "\u{212A}Z", "K\u{301}",
            "A" + String(repeating: "a", count: 64),
        ])
    func refusesID(_ text: String) {
        #expect(AgreementID(text) == nil)
        #expect(PartyID(text) == nil)
    }

    @Test("an id has at most 64 characters")
    func idLength() {
        let longest = "A" + String(repeating: "a", count: 63)
        #expect(AgreementID(longest) != nil)
        #expect(AgreementID(longest + "a") == nil)
    }

    @Test("a language tag of the right form is taken", arguments: ["en", "tyv", "uz-Latn", "zh-Hant-TW", "en-a-bbb"])
    func takesLanguage(_ text: String) {
        #expect(LanguageTag(text: text)?.text == text)
    }

    @Test(
        "a language tag of another form is refused",
        arguments: ["", "e", "engl", "EN", "en-", "-en", "en--US", "en_US", "en-abcdefghi", "kk\u{301}", "en US"])
    func refusesLanguage(_ text: String) {
        #expect(LanguageTag(text: text) == nil)
    }

    @Test("base 64 decodes what it encodes, at every length", arguments: 1..<12)
    func base64RoundTrip(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 83 &+ 250) }
        let key = SubjectPublicKeyInfo(derBytes: bytes)
        #expect(SubjectPublicKeyInfo(text: key.text) == key)
        #expect(key.text.utf8.count == (count + 2) / 3 * 4)
    }

    @Test("base 64 of RFC 4648, section 10")
    func base64Vectors() {
        let vectors = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        for (plain, encoded) in vectors {
            #expect(Base64.encode([UInt8](plain)) == encoded)
            #expect(Base64.decode(encoded) == [UInt8](plain))
        }
    }

    @Test(
        "another spelling of base 64 is refused",
        arguments: ["", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", "Zg== ", "Z===", "====", "Zm-_", "=Zg=", "Zg==Zg=="])
    func refusesBase64(_ text: String) {
        #expect(SubjectPublicKeyInfo(text: text) == nil)
    }

    @Test("a word of a vocabulary is spelled in one way")
    func vocabulary() {
        #expect(AgreementRelation.Relation(text: "relates-to") == .relatesTo)
        #expect(AgreementRelation.Relation(text: "relatesTo") == nil)
        #expect(AgreementRegistered.Kind(text: "protocol")?.text == "protocol")
        #expect(AgreementRegistered.Kind(text: "Protocol") == nil)
    }

    @Test("a media type is a type and a subtype", arguments: ["application/pdf", "image/svg+xml", "x/y", "a/b.c-d"])
    func takesMediaType(_ text: String) { #expect(DocumentRules.isMediaType(text)) }

    @Test(
        "what is no media type is refused",
        arguments: ["", "pdf", "/", "a/", "/b", "a/b/c", "a b/c", "text/plain; charset=utf-8", "a/é", "*/*", ".a/b"])
    func refusesMediaType(_ text: String) { #expect(!DocumentRules.isMediaType(text)) }

    @Test("a plain file name is taken", arguments: ["a", "Түпнұсқа.pdf", "...", ".a", "a b"])
    func takesFileName(_ name: String) { #expect(DocumentRules.isFileName(name)) }

    @Test("a name that could lead out of a folder is refused", arguments: ["", ".", "..", "a/b", "/a", "..\\a"])
    func refusesFileName(_ name: String) {
        #expect(!DocumentRules.isFileName(name))
        #expect(!DocumentRules.isFileName(String(repeating: "a", count: 256)))
    }
}
