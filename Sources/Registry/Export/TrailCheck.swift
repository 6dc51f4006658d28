internal import Agreements
internal import FoundationEssentials
internal import OpenSSLKit
internal import TiledLog

/// Holds a trail against the ledger: every member of every row is made again, as of the checkpoint that the trail names,
/// and compared. docs/audit-trail.md. Without a ledger: `KeptTrailCheck`.
struct TrailCheck {
    let registry: RegistryFolder
    let keys: KeysFolder
    /// POSIX seconds.
    let now: Int64

    private(set) var findings: [Finding] = []

    init(registry: RegistryFolder, keys: KeysFolder, now: Int64) {
        self.registry = registry
        self.keys = keys
        self.now = now
    }

    /// - Parameter kept: a checkpoint that somebody kept, which the ledger must continue.
    /// - Returns: the ledger that it was held against; what was found is in `findings`.
    /// - Throws: `RegistryError` when the ledger itself does not hold.
    mutating func check(_ file: TrailFile, kept: [UInt8]? = nil) async throws -> OpenedLedger {
        let ledger = try RegistryReading.open(registry: registry, keys: keys)
        let known = kept.map { KeptCheckpoint($0, ledger: ledger) }
        findings += known?.findings ?? []
        guard let claim = TrailClaim(file, findings: &findings), let head = try checkpoint(claim, in: ledger) else {
            return ledger
        }
        if let later = known?.proved?.size, later > head.size { findings.append(.endsBefore(later, head.size)) }
        let reading = try await RegistryReading.read(
            ledger, head: head, selection: claim.agreement.map { .agreements([$0]) } ?? .all, now: now)
        let trail = Trail(reading, agreement: claim.agreement)
        compare(claim.members, with: try Self.json(trail), of: trail)
        findings += reading.foundations
        findings += TrailVerdict.findings(
            trail.rows.map {
                .init(index: $0.index, agreement: $0.agreement, verdict: $0.verdict, isVoided: $0.isVoided)
            })
        return ledger
    }

    private mutating func compare(
        _ members: [String: CanonicalJSON], with made: [String: CanonicalJSON], of trail: Trail
    ) {
        var comparison = TrailComparison()
        comparison.compare(members["registry"], with: made["registry"], at: "registry", key: "trail.registry.mismatch")
        let isBlind = trail.rows.contains { $0.findings.contains(TrailComparison.missingCertificate) }
        comparison.compare(
            members["counts"], with: made["counts"], at: "counts", key: "trail.counts.mismatch"
        ) { member in
            // How many passed depends on what is held; how many rows there are does not.
            isBlind && member != "rows" ? .indeterminate : .failed
        }
        comparison.compareRows(members["rows"], with: made["rows"])
        comparison.compareFindings(members["findings"], with: made["findings"])
        findings += comparison.findings
    }

    private static func json(_ trail: Trail) throws -> [String: CanonicalJSON] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return try JSONReader.read(Array(encoder.encode(trail))).membersByKey ?? [:]
    }

    /// The published tree that the trail names; nil, and a finding, when there was none such.
    private mutating func checkpoint(_ claim: TrailClaim, in ledger: OpenedLedger) throws -> TreeHead? {
        guard claim.size <= ledger.publishedHead.size else {
            findings.append(
                Finding(
                    "trail.checkpoint.ahead", path: "checkpoint.size", expected: "at most \(ledger.publishedHead.size)",
                    actual: String(claim.size), "the trail is of a larger tree than the ledger at hand"))
            return nil
        }
        let stored: StoredCheckpoint
        do {
            stored = try StoredCheckpoint(ledger, size: claim.size)
        } catch let error as RegistryError {
            findings.append(
                Finding("trail.checkpoint.unknown", path: "checkpoint.size", actual: String(claim.size), error.message))
            return nil
        }
        if claim.root != stored.head.root.hex {
            findings.append(
                Finding(
                    "trail.checkpoint.mismatch", path: "checkpoint.root", expected: stored.head.root.hex,
                    actual: claim.rootExcerpt, "the published checkpoint of \(claim.size) entries has another root"))
        }
        return stored.head
    }
}
