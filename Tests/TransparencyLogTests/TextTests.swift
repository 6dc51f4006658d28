import Testing
import TransparencyLog

@Suite("Base64, numbers and names")
struct TextTests {
    @Test(
        "Base64 agrees with RFC 4648, section 10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func base64(text: String, encoded: String) {
        #expect(Base64.encode(text.utf8) == Array(encoded.utf8))
        #expect(Base64.decode(encoded.utf8) == Array(text.utf8))
    }

    @Test("All bytes survive base64")
    func allBytes() {
        for count in 253...256 {
            let bytes = (0..<count).map { UInt8($0) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(
        "Any other spelling of base64 is refused",
        arguments: [
            "Zg", "Zg=", "Zg===", "Z", "Zm9", "Zm9vYg", "Zh==", "Zm9=", "Zm8=\n", "Zm9v\n", " Zm9v", "Zm 9v", "Zm9-",
            "Zm9_", "Zg==Zg==", "====", "==", "=", "Z===", "Zm=v", "=m9v", "Zm9v====", "Zm9é", "Zm8=Zm9v", "Zm\r\n",
        ]
    )
    func badBase64(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test("Of the last character before the padding only one spelling is taken")
    func spareBits() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        #expect(alphabet.filter { Base64.decode("Z\($0)==".utf8) != nil } == "AQgw")
        #expect(alphabet.filter { Base64.decode("Zm\($0)=".utf8) != nil } == "AEIMQUYcgkosw048")
    }

    @Test("Numbers are read as they are printed", arguments: [0, 1, 9, 10, 20_852_163, Int64.max])
    func numbers(value: Int64) {
        #expect(DecimalNumber.parse(DecimalNumber.print(value)) == value)
    }

    @Test(
        "Any other spelling of a number is refused",
        arguments: [
            "", "00", "01", "0777", "+1", "-1", "-0", " 1", "1 ", "1\n", "1.0", "1e3", "0x1", "１",
            "9223372036854775808",
            "18446744073709551615", "10000000000000000000", "99999999999999999999999999",
        ]
    )
    func badNumbers(text: String) {
        #expect(DecimalNumber.parse(text.utf8) == nil)
    }

    @Test("Key names are compared byte by byte")
    func canonicalEquivalence() throws {
        let composed = try #require(KeyName("example.com/caf\u{E9}"))
        let decomposed = try #require(KeyName("example.com/cafe\u{301}"))
        #expect(composed != decomposed)
        #expect(composed.description == decomposed.description)
    }

    @Test(
        "A name with a space, a plus or a control character is no key name",
        arguments: [
            "", " ", "a b", "a+b", "a\tb", "a\nb", "a\u{0}b", "a\u{85}b", "a\u{A0}b", "a\u{1680}b", "a\u{2003}b",
            "a\u{2028}b", "a\u{202F}b", "a\u{3000}b",
        ]
    )
    func badNames(name: String) {
        #expect(KeyName(name) == nil)
    }

    @Test(
        "A name that is not UTF-8 is no key name",
        arguments: [[0x61, 0x80], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xFF]] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) {
        #expect(KeyName(bytes) == nil)
    }
}
