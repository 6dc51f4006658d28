internal import Agreements
internal import LedgerIndex
internal import TiledLog

/// Makes the index of a registry, and brings it up to date.
enum IndexUpkeep {
    /// How far an index may lie behind and still be brought up to date, entry by entry.
    private static let mostBehind: Int64 = 20_000

    /// An index of the published tree: the one that is there, brought up to date or made anew.
    ///
    /// - Parameters:
    ///   - now: POSIX seconds.
    ///   - isMade: whether it is made where there is none.
    /// - Returns: nil when the tree is small, or no index can be made: then the ledger is read whole.
    static func current(
        _ ledger: OpenedLedger, now: Int64, isMade: Bool = true
    ) async throws -> VouchedIndex? {
        guard let published = ledger.published, published.head.size >= IndexUse.smallestSize else { return nil }
        if let index = opened(ledger) {
            if index.size == published.head.size { return index }
            if published.head.size - index.size <= mostBehind {
                catchUp(index, ledger, now: now)
                if let index = opened(ledger), index.size == published.head.size { return index }
            }
        }
        guard isMade else { return nil }
        try await build(ledger, now: now)
        return opened(ledger).flatMap { $0.size == published.head.size ? $0 : nil }
    }

    static func opened(_ ledger: OpenedLedger) -> VouchedIndex? {
        VouchedIndex(
            ledger.registry, keys: ledger.keys, identity: ledger.identity, claimed: ledger.publishedHead)
    }

    private static func build(_ ledger: OpenedLedger, now: Int64) async throws {
        let head = ledger.publishedHead
        guard let filling = IndexFilling(ledger.registry, keys: ledger.keys, size: head.size) else { return }
        let publications = Publications(ledger.registry, history: ledger.history).including(ledger.published)
        var scan = LedgerScan(
            ledger, publications: publications, certificates: CertificateStore(ledger.registry), scope: .none,
            comparesTiles: false, now: now, expectedEntries: head.size)
        scan.taken = filling.take
        try await scan.run(size: head.size, judged: { _, _ in })
        guard scan.findings.isEmpty, scan.tiles.root == head.root else { return }
        filling.finish(head, scan.judge.state, identity: ledger.identity, isJudged: false)
    }

    /// Takes in what was published since, judged in full.
    private static func catchUp(_ index: VouchedIndex, _ ledger: OpenedLedger, now: Int64) {
        let head = ledger.publishedHead
        guard let file = IndexFile(ledger.registry, keys: ledger.keys), let index = index.reaching(head),
            var fold = try? IndexedFold(
                index, agreements: [], isJudging: true,
                publications: Publications(lazily: ledger.registry, history: ledger.history, tiles: index.tiles),
                certificates: CertificateStore(ledger.registry), now: now)
        else { return }
        do {
            let entries = try fold.goOn(to: head.size)
            try file.update(
                index, with: entries,
                IndexHead(
                    identity: ledger.identity, size: head.size, root: ContentDigest(head.root),
                    isJudged: index.isJudged, agreementCount: fold.state.agreementCount,
                    firstUnrecognisedEntry: fold.state.firstUnrecognisedEntry))
        } catch {
            // It is made anew then.
        }
    }
}
