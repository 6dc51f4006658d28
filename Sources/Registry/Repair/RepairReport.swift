internal import TiledLog

/// What a repair has done, and how the registry stands after it.
package struct RepairReport: Sendable, Encodable {
    package enum Origin: String, Sendable, Encodable {
        /// What else is here.
        case ledger
        case copy
    }

    package struct Mended: Hashable, Sendable, Encodable {
        /// Registry-relative.
        package let path: String
        package let from: Origin

        package init(path: String, from: Origin) {
            self.path = path
            self.from = from
        }
    }

    /// That of an audit at the end.
    package private(set) var verdict = Verdict.failed
    package private(set) var treeSize: Int64 = 0
    package private(set) var root: String?
    package private(set) var demonstration: Bool?
    /// In the order in which it was done.
    package private(set) var mended: [Mended] = []
    /// Entries whose bytes are nowhere to be had, ascending.
    package internal(set) var lostEntries: [Int64] = []
    /// What the copy has and is not right either.
    package internal(set) var refused: [Finding] = []
    /// What is still wrong, in the words of the audit, after what the repair itself could not make good.
    package private(set) var findings: [Finding] = []
    private var unmended: [Finding] = []

    private enum CodingKeys: CodingKey {
        case schemaVersion, verdict, treeSize, root, mended, lostEntries, refused, findings
    }

    /// A file that is mended twice is told of once, as it was mended last.
    mutating func add(_ path: String, _ origin: Origin) {
        drop([path])
        mended.append(Mended(path: path, from: origin))
    }

    mutating func drop(_ paths: Set<String>) { mended.removeAll { paths.contains($0.path) } }

    mutating func add(unmended finding: Finding) { unmended.append(finding) }

    mutating func settle(_ audit: AuditReport) {
        verdict = max(audit.verdict, unmended.verdict)
        treeSize = audit.treeSize
        root = audit.root
        demonstration = audit.demonstration
        findings = (unmended + audit.findings).withoutRepetition()
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schemaVersion)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(treeSize, forKey: .treeSize)
        try container.encode(root, forKey: .root)
        try container.encode(mended, forKey: .mended)
        try container.encode(lostEntries, forKey: .lostEntries)
        try container.encode(refused, forKey: .refused)
        try container.encode(findings, forKey: .findings)
    }
}
