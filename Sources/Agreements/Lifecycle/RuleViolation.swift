/// One rule that an entry breaks, or that cannot be judged.
package struct RuleViolation: Hashable, Sendable, CustomStringConvertible {
    /// Stable, such as `statement.previous.mismatch`: scripts may rely on it.
    package let key: String
    package let message: String
    package let expected: String?
    package let actual: String?
    /// Whether the rule is perhaps not broken: this code knows too little to tell.
    package let isIndeterminate: Bool

    package init(
        key: String, message: String, expected: String? = nil, actual: String? = nil, isIndeterminate: Bool = false
    ) {
        self.key = key
        self.message = message
        self.expected = expected
        self.actual = actual
        self.isIndeterminate = isIndeterminate
    }

    package var description: String { "\(key): \(message)" }
}
