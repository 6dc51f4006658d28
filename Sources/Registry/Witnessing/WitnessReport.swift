internal import Agreements

/// What a witness says in JSON: why it does not cosign, or what it thinks of entries that it was shown (docs/witness.md).
package struct WitnessReport: Encodable, Sendable {
    package let schemaVersion = 1
    /// Of entries; nil where a tree was refused.
    package let verdict: Verdict?
    /// Why it was refused; nil where entries were judged.
    package let reason: String?
    package let message: String
    package let findings: [Finding]
    /// Whether the witness keeps proof that the log has signed two histories.
    package let evidence: Bool

    package init(_ refusal: WitnessRefusal) {
        verdict = nil
        reason = refusal.reason.rawValue
        message = refusal.message
        findings = refusal.findings
        evidence = refusal.evidence != nil
    }

    package init(entryFindings findings: [Finding]) {
        verdict = findings.verdict
        reason = nil
        self.findings = findings
        evidence = false
        message = findings.first?.message ?? "nothing is found against the entries"
    }

    private enum CodingKeys: CodingKey { case schemaVersion, verdict, reason, message, findings, evidence }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(reason, forKey: .reason)
        try container.encode(message, forKey: .message)
        try container.encode(findings, forKey: .findings)
        try container.encode(evidence, forKey: .evidence)
    }

    // MARK: What another one says

    package static func message(_ bytes: [UInt8]) -> String? {
        guard case .string(let text)? = members(bytes)?["message"] else { return nil }
        return text
    }

    /// Empty where it has none, or is of another form.
    package static func findings(_ bytes: [UInt8]) -> [Finding] {
        members(bytes).flatMap { Self.findings($0) } ?? []
    }

    /// What is found against entries; nil where it is no verdict. A verdict that does not pass has findings.
    package static func verdictFindings(_ bytes: [UInt8]) -> [Finding]? {
        guard let members = members(bytes), case .string(let text)? = members["verdict"],
            let verdict = Verdict(rawValue: text),
            let findings = findings(members), findings.verdict == verdict
        else { return nil }
        return findings
    }

    private static func members(_ bytes: [UInt8]) -> [String: CanonicalJSON]? {
        (try? JSONReader.read(bytes))?.membersByKey
    }

    private static func findings(_ members: [String: CanonicalJSON]) -> [Finding]? {
        guard case .array(let values)? = members["findings"], values.count <= 10_000 else { return nil }
        var findings: [Finding] = []
        for value in values {
            guard let finding = Finding(value) else { return nil }
            findings.append(finding)
        }
        return findings
    }
}

extension Finding {
    /// As another program reports it; nil for what has not its form.
    fileprivate init?(_ value: CanonicalJSON) {
        guard let members = value.membersByKey, case .string(let key)? = members["key"],
            case .string(let word)? = members["severity"], let severity = Severity(rawValue: word),
            case .string(let message)? = members["message"]
        else { return nil }
        func text(_ name: String) -> String? {
            if case .string(let text)? = members[name] { text } else { nil }
        }
        var entry: Int64?
        if case .integer(let index)? = members["entry"] { entry = index }
        self.init(
            key, severity, entry: entry, agreement: text("agreement"), path: text("path"), expected: text("expected"),
            actual: text("actual"), message)
    }
}
