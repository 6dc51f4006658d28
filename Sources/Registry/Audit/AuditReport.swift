/// What `bitim audit` says: docs/audit-report.md.
package struct AuditReport: Encodable, Sendable {
    package struct Documents: Encodable, Sendable {
        package var present = 0
        package var missing = 0
        package var restricted = 0
    }

    package struct QuorumSummary: Encodable, Sendable {
        /// The witnesses that can contribute to the quorum, by their names in the policy.
        package var required: [String] = []
        /// Those that cosigned the latest published checkpoint.
        package var present: [String] = []
    }

    /// From where on entries were checked in full.
    package struct Since: Encodable, Sendable {
        /// Of the checkpoint that the auditor kept: entries before it were folded, not judged again.
        package let size: Int64
        package let root: String
        /// Entries that were judged.
        package var checked: Int64
        /// What was not read from the ledger, but taken from an index that this user's program made of it, or left out;
        /// empty where all of the ledger was read.
        package var fromIndex: [String] = []
    }

    package let schemaVersion = 1
    /// Nil when the audit was not asked to go on from a checkpoint; nil within when it could not.
    package var since: Since??
    package var verdict = Verdict.failed
    package var origin: String?
    package var identity: String?
    package var demonstration: Bool?
    package var treeSize: Int64 = 0
    /// Hexadecimal; nil when there is no tree.
    package var root: String?
    package var entries: Int64 = 0
    package var agreements = 0
    /// Signatures of entries that were verified.
    package var signatures = 0
    package var checkpoints = 0
    package var documents = Documents()
    package var quorum = QuorumSummary()
    package var findings: [Finding] = []
    package var seconds = 0.0
    /// Where the kept checkpoint and the ledger's are of two histories, the bytes of a file that shows it. Not encoded.
    package var evidence: [UInt8]?

    package init() {}

    private enum CodingKeys: CodingKey {
        case schemaVersion, verdict, origin, identity, demonstration, treeSize, root, entries, agreements, signatures
        case checkpoints, documents, quorum, findings, seconds, since
    }

    // Members that do not apply are null, never absent.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(origin, forKey: .origin)
        try container.encode(identity, forKey: .identity)
        try container.encode(demonstration, forKey: .demonstration)
        try container.encode(treeSize, forKey: .treeSize)
        try container.encode(root, forKey: .root)
        try container.encode(entries, forKey: .entries)
        try container.encode(agreements, forKey: .agreements)
        try container.encode(signatures, forKey: .signatures)
        try container.encode(checkpoints, forKey: .checkpoints)
        try container.encode(documents, forKey: .documents)
        try container.encode(quorum, forKey: .quorum)
        try container.encode(findings, forKey: .findings)
        try container.encode(seconds, forKey: .seconds)
        // A report that was not asked for it stays as it was before there was such an audit.
        if case .some(let since) = since { try container.encode(since, forKey: .since) }
    }
}
