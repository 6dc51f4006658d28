internal import Agreements
internal import ArgumentParser
internal import Registry

/// Two drafts beside each other: whether the parties hold the same statement, and what each has of signatures.
struct DraftComparison: Encodable {
    struct Difference: Encodable {
        let path: String
        /// Canonical JSON; null where there is nothing.
        let old: String?
        let new: String?

        private enum CodingKeys: CodingKey { case path, old, new }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(path, forKey: .path)
            try container.encode(old, forKey: .old)
            try container.encode(new, forKey: .new)
        }
    }

    let schemaVersion = 1
    let sameStatement: Bool
    /// Of the statement.
    let differences: [Difference]
    let drafts: [DraftResult]

    private enum CodingKeys: CodingKey { case schemaVersion, sameStatement, differences, drafts }

    private let found: [JSONDifference]
    private let words: [DraftWords]

    init(_ old: DraftWords, _ new: DraftWords) throws {
        words = [old, new]
        let first = old.report.draft.statementBytes
        let second = new.report.draft.statementBytes
        sameStatement = first == second
        found = try CanonicalJSON(parsing: second).differences(from: CanonicalJSON(parsing: first))
        differences = found.map {
            Difference(path: $0.path, old: $0.old.map(Self.text), new: $0.new.map(Self.text))
        }
        drafts = try words.map { try DraftResult($0.path, $0.report) }
    }

    /// Says it, and ends with status 1 when the statements differ.
    func tell(_ output: OutputOptions) throws {
        let console = output.console
        if output.json {
            console.answer(try JSONOutput.text(self))
        } else if output.quiet {
            console.answer(sameStatement ? "same" : "different")
        } else {
            console.answer(lines.map(VisibleText.escaped).joined(separator: "\n"))
        }
        if !sameStatement { throw ExitCode(1) }
    }

    private var lines: [String] {
        var lines: [String] = []
        if sameStatement {
            lines.append("the same statement: \(words[0].subject)")
            lines += DraftWords.groups(of: words[0].report.draft.statementDigest).map { "  " + $0 }
        } else {
            lines.append("different statements")
            for difference in found {
                lines.append("  \(difference.path)")
                lines.append("    - \(difference.old.map(Self.text) ?? "(nothing)")")
                lines.append("    + \(difference.new.map(Self.text) ?? "(nothing)")")
            }
        }
        for draft in words {
            lines += ["", draft.path] + draft.signatureLines + ["  \(draft.stateLine)"]
        }
        return lines
    }

    private static func text(_ value: CanonicalJSON) -> String { String(decoding: value.bytes, as: UTF8.self) }
}
