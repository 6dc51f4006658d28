package import Agreements
internal import OpenSSLKit
internal import TiledLog

/// The audit trail of one agreement or of all: docs/audit-trail.md.
package struct Trail: Encodable, Sendable {
    package struct Source: Encodable, Sendable {
        package let origin: String
        package let identity: String
        package let demonstration: Bool
    }

    package struct Filter: Encodable, Sendable {
        package let agreement: String?

        private enum CodingKeys: CodingKey { case agreement }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(agreement, forKey: .agreement)
        }
    }

    package struct Counts: Encodable, Sendable {
        package let rows: Int
        package let passed: Int
        package let indeterminate: Int
        package let failed: Int
    }

    package struct CheckpointSummary: Encodable, Sendable {
        package let size: Int64
        /// Hexadecimal.
        package let root: String
    }

    package let format = "bitim-audit-trail"
    package let schemaVersion = 1
    package let registry: Source
    package let filter: Filter
    package let counts: Counts
    package let checkpoint: CheckpointSummary
    /// On what every row rests on: the identity and the registry's own events.
    package let findings: [Finding]
    package let rows: [TrailRow]

    private enum CodingKeys: CodingKey {
        case format, schemaVersion, registry, filter, counts, checkpoint, findings, rows
    }

    /// - Parameter agreement: nil for all.
    package init(_ reading: RegistryReading, agreement: AgreementID?) {
        let chosen = reading.judged.filter { agreement == nil || $0.entry.statement?.agreement == agreement }
        let rows = chosen.map { TrailRow($0, state: reading.state) }
        registry = Source(
            origin: reading.ledger.constitution.log.origin, identity: reading.ledger.identity.text,
            demonstration: reading.ledger.constitution.demonstration)
        filter = Filter(agreement: agreement?.text)
        counts = Counts(
            rows: rows.count, passed: rows.count { $0.verdict == .passed },
            indeterminate: rows.count { $0.verdict == .indeterminate }, failed: rows.count { $0.verdict == .failed })
        let head = reading.head
        checkpoint = CheckpointSummary(size: head.size, root: head.root.hex)
        findings = reading.foundations
        self.rows = rows
    }

    package var verdict: Verdict {
        // A trail of nothing proves nothing. What the parties have voided is dealt with.
        max(findings.verdict, rows.lazy.filter { !$0.isVoided }.map(\.verdict).max() ?? .failed)
    }
}
