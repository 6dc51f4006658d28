internal import Agreements
internal import TiledLog

/// Everything that a witness vouches for: every entry in full, and the bytes of their documents.
enum EntryAudit {
    static func findings(
        of ledger: OpenedLedger, publications: Publications, head: TreeHead, now: Int64
    ) async throws -> [Finding] {
        let certificates = CertificateStore(ledger.registry)
        var findings: [Finding] = []
        var scan = LedgerScan(
            ledger, publications: publications, certificates: certificates, scope: .all, comparesTiles: true, now: now)
        try await scan.run(size: head.size) { judged in
            findings += judged.findings
            for document in judged.entry.statement?.event.documents ?? [] {
                let outcome = DocumentCheck.check(document, registry: ledger.registry)
                let agreement = judged.entry.statement?.agreement?.text
                findings += [
                    DocumentCheck.finding(outcome, document, entry: judged.index, agreement: agreement)
                ].compactMap { $0 }
            }
        }
        // A bad entry stands in nobody's way once the parties have voided it.
        findings = findings.map { $0.settled(by: scan.judge.state.voidedEntries) }
        findings += certificates.findings + scan.findings
        findings += scan.tiles.mismatches(expectedRoot: head.root).map(\.finding)
        return findings
    }
}
