package import Agreements

/// One thing that a check has found.
package struct Finding: Hashable, Sendable, Encodable {
    package enum Severity: String, Codable, Sendable {
        case failed
        case indeterminate
        /// Worth saying; it does not change the verdict.
        case warning
    }

    /// Stable, dotted, such as `entry.signature.invalid`: scripts may rely on it. All of them: docs/audit-report.md.
    package let key: String
    package let severity: Severity
    /// The index of the entry.
    package let entry: Int64?
    package let agreement: String?
    /// Relative to the registry, or to the keys folder with `keys/` before it.
    package let path: String?
    package let expected: String?
    package let actual: String?
    package let message: String

    package init(
        _ key: String, _ severity: Severity, entry: Int64? = nil, agreement: String? = nil,
        path: String? = nil, expected: String? = nil, actual: String? = nil, _ message: String
    ) {
        self.key = key
        self.severity = severity
        self.entry = entry
        self.agreement = agreement
        self.path = path
        self.expected = expected
        self.actual = actual
        self.message = message
    }

    /// One that fails.
    package init(
        _ key: String, entry: Int64? = nil, agreement: String? = nil, path: String? = nil, expected: String? = nil,
        actual: String? = nil, _ message: String
    ) {
        self.init(
            key, .failed, entry: entry, agreement: agreement, path: path, expected: expected, actual: actual, message)
    }

    package init(_ violation: RuleViolation, entry: Int64?, agreement: String?) {
        self.init(
            violation.key, violation.isIndeterminate ? .indeterminate : .failed, entry: entry, agreement: agreement,
            expected: violation.expected, actual: violation.actual, violation.message)
    }

    /// The same finding, said of an entry.
    func of(entry: Int64, agreement: String?) -> Finding {
        Finding(
            key, severity, entry: entry, agreement: agreement, path: path, expected: expected, actual: actual, message)
    }

    /// What was found, and where, for a person.
    package var words: String {
        let places = [path, entry.map { "entry \($0)" }, agreement].compactMap { $0 }
        return places.isEmpty ? message : "\(places.joined(separator: ", ")): \(message)"
    }

    /// The same finding, not decided where it would fail.
    func undecided() -> Finding {
        Finding(
            key, severity == .failed ? .indeterminate : severity, entry: entry, agreement: agreement, path: path,
            expected: expected, actual: actual, message)
    }

    /// The same finding of an entry, a warning only if the entry is voided: it is dealt with.
    ///
    /// - Parameter voided: entries that are voided, each with the entry that did it.
    func settled(by voided: [Int64: Int64]) -> Finding {
        guard let entry, let voiding = voided[entry] else { return self }
        return Finding(
            key, .warning, entry: entry, agreement: agreement, path: path, expected: expected, actual: actual,
            "\(message); voided by entry \(voiding)")
    }

    private enum CodingKeys: CodingKey { case key, severity, entry, agreement, path, expected, actual, message }

    // Every member is always there, null where it does not apply, so that readers need not guess.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
        try container.encode(severity, forKey: .severity)
        try container.encode(entry, forKey: .entry)
        try container.encode(agreement, forKey: .agreement)
        try container.encode(path, forKey: .path)
        try container.encode(expected, forKey: .expected)
        try container.encode(actual, forKey: .actual)
        try container.encode(message, forKey: .message)
    }
}

extension Sequence<Finding> {
    /// Passed when there is nothing but warnings. Whether there was anything to check is for the caller to see.
    package var verdict: Verdict {
        var verdict = Verdict.passed
        for finding in self {
            switch finding.severity {
            case .failed: verdict = Swift.max(verdict, .failed)
            case .indeterminate: verdict = Swift.max(verdict, .indeterminate)
            case .warning: break
            }
        }
        return verdict
    }
}
