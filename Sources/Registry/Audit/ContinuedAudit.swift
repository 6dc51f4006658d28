internal import Agreements
internal import LedgerIndex
internal import OpenSSLKit
internal import TiledLog

/// An audit of what came after a checkpoint that the auditor kept, which reads no more of a large ledger than that: what
/// the rules need to know of earlier entries it looks up in the index, and says so.
struct ContinuedAudit {
    private let kept: TreeHead
    private let fold: IndexedFold
    private let judged: [JudgedEntry]
    private let publications: Publications
    private let certificates: CertificateStore

    /// More than that are read with the whole ledger.
    private static let mostEntries: Int64 = 5_000

    private static let taken = [
        "that ids were not used before, and which earlier entries an agreement has",
        "the registry's own events before the checkpoint",
        "not looked at: tiles, documents, checkpoints and certificates of before, and files that belong to nothing",
    ]

    /// - Returns: nil where the whole ledger is to be read: it is small, something is pending, much has come since, or there
    ///   is no index to go by.
    init?(_ ledger: OpenedLedger, from kept: TreeHead, now: Int64) async throws {
        let head = ledger.publishedHead
        guard ledger.pending == nil, ledger.pendingFault == nil, ledger.history.unrecognisedEntry == nil,
            head.size - kept.size <= Self.mostEntries,
            let index = try await IndexUpkeep.current(ledger, now: now)?.reaching(head)
        else { return nil }
        self.kept = kept
        certificates = CertificateStore(ledger.registry)
        publications = Publications(lazily: ledger.registry, history: ledger.history, tiles: index.tiles)
            .including(ledger.published)
        // Whatever is wrong with the index, or with what it names: the whole ledger tells.
        guard
            let fold = try? Self.fold(
                index, from: kept.size, to: head.size, publications: publications, certificates: certificates, now: now),
            fold.leadsTo(ledger.history)
        else { return nil }
        self.fold = fold
        judged = fold.judged.filter { $0.index >= kept.size }
        // An entry that is of no agreement, and no event of the registry, is for the whole ledger to tell of.
        guard judged.map(\.index).sorted() == Array(kept.size..<head.size) else { return nil }
    }

    private static func fold(
        _ index: VouchedIndex, from start: Int64, to size: Int64, publications: Publications,
        certificates: CertificateStore, now: Int64
    ) throws -> IndexedFold {
        var agreements: Set<AgreementID> = []
        for entry in start..<max(start, min(index.size, size)) {
            if let agreement = try index.agreement(at: entry) { agreements.insert(agreement) }
        }
        var fold = try IndexedFold(
            index, agreements: agreements, isJudging: true, publications: publications, certificates: certificates,
            now: now)
        _ = try fold.goOn(to: size, isKeepingAll: true)
        return fold
    }

    /// Fills the report with what was checked.
    ///
    /// - Returns: what was found.
    func report(_ ledger: OpenedLedger, comparesKeys: Bool, in report: inout AuditReport) -> [Finding] {
        let documents = DocumentAudit(ledger.registry)
        var findings: [Finding] = []
        for entry in judged { findings += entry.findings + documents.findings(of: entry) }
        findings = findings.map { $0.settled(by: fold.state.voidedEntries) }
        report.entries = ledger.publishedHead.size
        report.agreements = fold.state.agreementCount
        report.signatures = judged.reduce(0) { $0 + $1.signers.count(where: \.isVerified) }
        report.documents = documents.counts
        report.checkpoints =
            Set(judged.compactMap { publications.first(including: $0.index)?.head.size })
            .union([ledger.publishedHead.size]).count
        report.since = AuditReport.Since(
            size: kept.size, root: kept.root.hex, checked: Int64(judged.count), fromIndex: Self.taken)
        findings += certificates.findings + publications.findings
        findings += Audit.certificateFindings(fold.judge.directories, certificates)
        if comparesKeys { findings += KeysAgreement.findings(ledger.keys, ledger: ledger) }
        return findings
    }
}
