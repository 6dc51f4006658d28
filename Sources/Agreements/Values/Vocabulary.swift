/// A closed list of words, each of which a statement spells as it is.
package protocol Vocabulary: TextValue, CaseIterable, RawRepresentable where RawValue == String {}

extension Vocabulary {
    package init?(text: String) {
        self.init(rawValue: text)
    }

    package var text: String { rawValue }

    package static var expectation: String {
        "one of " + allCases.map(\.rawValue).joined(separator: ", ")
    }
}
