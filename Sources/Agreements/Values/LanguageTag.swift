/// A language tag such as `kk`, `uz-Latn` or `tyv` (the shape of BCP 47; the subtags are not looked up).
package struct LanguageTag: TextValue, Comparable {
    package let text: String

    package init?(text: String) {
        let subtags = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard
            let primary = subtags.first,
            (2...3).contains(primary.count), primary.allSatisfy(Identifier.isLower),
            subtags.dropFirst().allSatisfy({ (1...8).contains($0.count) && $0.allSatisfy(Identifier.isAlphanumeric) })
        else { return nil }
        self.text = text
    }

    package static var expectation: String { "a language tag as in kk or uz-Latn" }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
