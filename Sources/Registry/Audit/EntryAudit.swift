internal import Agreements
internal import TiledLog

/// Everything that a witness vouches for: every entry in full, and the bytes of their documents.
enum EntryAudit {
    /// - Parameters:
    ///   - unseenFrom: the entries from which on the witness has seen nothing: their restricted documents have to be held
    ///     too. Of those before, it has seen them.
    ///   - scope: less than all where the witness has checked the rest for good.
    static func findings(
        of ledger: OpenedLedger, publications: Publications, head: TreeHead, unseenFrom: Int64,
        scope: LedgerScan.Scope = .all, now: Int64
    ) async throws -> [Finding] {
        let certificates = CertificateStore(ledger.registry)
        var findings: [Finding] = []
        let documents = DocumentAudit(ledger.registry, restrictedNeededFrom: unseenFrom)
        var scan = LedgerScan(
            ledger, publications: publications, certificates: certificates, scope: scope, documents: documents,
            comparesTiles: true, now: now, expectedEntries: head.size)
        try await scan.run(size: head.size) { judged, ofDocuments in
            findings += judged.findings
            findings += ofDocuments
        }
        // A bad entry stands in nobody's way once the parties have voided it.
        findings = findings.map { $0.settled(by: scan.judge.state.voidedEntries) }
        findings += certificates.findings + scan.findings
        findings += scan.tiles.mismatches(expectedRoot: head.root).map(\.finding)
        return findings
    }
}
