/// A value that a statement spells as one JSON string, in one spelling.
package protocol TextValue: Hashable, Sendable, CustomStringConvertible {
    init?(text: String)
    var text: String { get }

    /// What a message says was expected, such as `a date as in 2025-11-15`.
    static var expectation: String { get }
}

extension TextValue {
    package var description: String { text }
}
