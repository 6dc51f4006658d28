internal import Agreements
internal import LedgerIndex
internal import TiledLog

/// What a writer goes on from: every entry folded, from the index of a large registry or in one pass over all.
struct ResumedFold {
    let judge: EntryJudge
    /// All that can be read, for what is kept of them.
    let publications: Publications
    /// Those of this very tree.
    let confirmed: Publications
    /// What the state is looked up in; nil where all of it is in memory.
    let index: VouchedIndex?
    /// What the index does not know yet, pending entries included.
    let unindexed: [IndexedEntry]

    /// - Throws: `RegistryError.refused` when the ledger is damaged.
    init(_ ledger: OpenedLedger, _ certificates: CertificateStore, to head: TreeHead, now: Int64) async throws {
        if let index = ledger.index, let fold = try Self(index, ledger, certificates, to: head, now: now) {
            self = fold
            return
        }
        if head == ledger.publishedHead,
            let filling = IndexFilling(ledger.registry, keys: ledger.keys, size: head.size)
        {
            let publications = Publications(ledger.registry, history: ledger.history).including(ledger.published)
            let scan = try await Self.scan(ledger, publications, certificates, to: head, now: now, filling)
            filling.finish(head, scan.judge.state, identity: ledger.identity, isJudged: true)
            if let index = IndexUpkeep.opened(ledger),
                let fold = try Self(index, ledger, certificates, to: head, now: now)
            {
                self = fold
                return
            }
        }
        publications = Publications(ledger.registry, history: ledger.history).including(ledger.published)
        let scan = try await Self.scan(ledger, publications, certificates, to: head, now: now, nil)
        judge = scan.judge
        confirmed = publications.confirmed(by: scan.tiles.roots)
        index = nil
        unindexed = []
    }

    /// From an index whose every entry this user's program has judged in full. The right edge of the tree was checked
    /// already; what is looked up later is proved to be in the tree.
    ///
    /// - Returns: nil when there is none, or it cannot be gone on from.
    private init?(
        _ opened: VouchedIndex, _ ledger: OpenedLedger, _ certificates: CertificateStore, to head: TreeHead, now: Int64
    ) throws {
        guard opened.isJudged, let index = opened.reaching(head) else { return nil }
        publications = Publications(lazily: ledger.registry, history: ledger.history, tiles: index.tiles)
            .including(ledger.published)
        guard
            var fold = try? IndexedFold(
                index, agreements: [], isJudging: true, publications: publications, certificates: certificates,
                now: now),
            let unindexed = try? fold.goOn(to: head.size), fold.leadsTo(ledger.history)
        else { return nil }
        for judged in fold.judged { try Self.requireDecided(judged) }
        judge = fold.judge
        confirmed = publications
        self.index = index
        self.unindexed = unindexed
    }

    /// Every entry once: nothing is signed on top of what is not sound.
    ///
    /// - Parameter filling: an index that is made by the way.
    private static func scan(
        _ ledger: OpenedLedger, _ publications: Publications, _ certificates: CertificateStore, to head: TreeHead,
        now: Int64, _ filling: IndexFilling?
    ) async throws -> LedgerScan {
        var scan = LedgerScan(
            ledger, publications: publications, certificates: certificates, scope: .all, comparesTiles: false,
            now: now, expectedEntries: filling == nil ? nil : head.size)
        if let filling { scan.taken = filling.take }
        var fault: (any Error)?
        try await scan.run(size: head.size) { judged, _ in
            do {
                try requireDecided(judged)
            } catch {
                fault = fault ?? error
            }
        }
        if let fault { throw fault }
        if let finding = scan.findings.first {
            throw RegistryError(
                .refused, "the ledger is damaged: \(finding.path.map { "\($0): " } ?? "")\(finding.message)",
                hint: "see 'bitim audit'")
        }
        guard scan.tiles.root == head.root else {
            throw RegistryError(
                .refused, "the entries do not lead to the tree that was signed",
                hint: "'bitim audit' names what is damaged; restore it, then try again")
        }
        return scan
    }

    private static func requireDecided(_ judged: JudgedEntry) throws(RegistryError) {
        guard case .registryChanged? = judged.entry.statement?.event,
            let undecided = judged.findings.first(where: { $0.key == "statement.tree.unknown" })
        else { return }
        // Without it the change would not count, and what is added would be judged by other keys once it is back.
        throw RegistryError(
            .refused,
            "a change of the registry's keys rests on a checkpoint that is not here: \(undecided.message)",
            hint: "restore the file in checkpoints/ from another copy, then try again", findings: [undecided])
    }
}
