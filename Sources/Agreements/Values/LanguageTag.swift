/// A language tag such as `kk`, `uz-Latn` or `tyv` (the shape of BCP 47; the subtags are not looked up).
package struct LanguageTag: TextValue, Comparable {
    package let text: String

    package init?(text: String) {
        let subtags = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard
            let primary = subtags.first, Self.isPrimary(primary),
            subtags.dropFirst().allSatisfy({ (1...8).contains($0.count) && $0.allSatisfy(Identifier.isAlphanumeric) })
        else { return nil }
        self.text = text
    }

    package init?(ascii bytes: UnsafeBufferPointer<UInt8>) {
        let text = String(decoding: bytes, as: UTF8.self)
        // Most have no other subtag.
        guard Self.isPrimary(bytes) || LanguageTag(text: text) != nil else { return nil }
        self.text = text
    }

    private static func isPrimary(_ subtag: some Collection<UInt8>) -> Bool {
        (2...3).contains(subtag.count) && subtag.allSatisfy(Identifier.isLower)
    }

    package static var expectation: String { "a language tag as in kk or uz-Latn" }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
