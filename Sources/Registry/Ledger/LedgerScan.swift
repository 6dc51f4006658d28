package import Agreements
internal import Glibc
internal import OpenSSLKit
package import TiledLog
internal import TransparencyLog

/// One pass over the entries of a ledger: reading, checking signatures on all cores, judging in order.
package struct LedgerScan: ~Copyable {
    /// Which entries are judged and handed over; the others are only folded into the state. For the fold to skip what is
    /// of no effect, the registry's own events and what they name as voided are judged too, whatever the scope.
    package enum Scope: Sendable {
        case all
        case none
        /// None is judged, and the documents of all are looked at.
        case documents
        /// The registry's own events, and entries whose statement fits.
        case matching(@Sendable (Statement) -> Bool)
        /// Entries from this index on: those before it were judged at another time.
        case from(Int64)
    }

    package let ledger: OpenedLedger
    package let publications: Publications
    package private(set) var judge: EntryJudge
    package private(set) var tiles: TileCheck
    package private(set) var findings: [Finding] = []
    /// Verified signatures of judged entries.
    package private(set) var signatureCount = 0
    /// The state after the first entries, as many as were asked for; nil when nothing was asked for, or it has fewer.
    package private(set) var snapshot: LedgerState?
    /// Handed every entry once the state has it as its last.
    var taken: ((Entry, LedgerState) -> Void)?
    /// Tiles that lead to the signed root: of what entries they show that a published checkpoint is of this tree, where the
    /// entries are damaged.
    var proved: ProvedTiles?

    private let certificates: CertificateStore
    private let scope: Scope
    private let documents: DocumentAudit?
    private let comparesTiles: Bool
    private let threads: Int
    private let now: Int64
    private let snapshotSize: Int64?
    private let ownEvents: OwnEvents?

    /// - Parameters:
    ///   - publications: needed, as `certificates` are, where the scope is not none, or the registry has events of its own.
    ///   - documents: what looks at the documents of the entries in scope; nil leaves them alone.
    ///   - threads: how many cores to use; nil for all.
    ///   - expectedEntries: for a fold that keeps a few bytes an entry, and of whose state no copies are made; nil keeps all.
    ///   - ownEvents: of the tree that is read, where they are known already.
    init(
        _ ledger: OpenedLedger, publications: Publications, certificates: CertificateStore, scope: Scope,
        documents: DocumentAudit? = nil, comparesTiles: Bool, threads: Int? = nil, now: Int64,
        expectedEntries: Int64? = nil, snapshotSize: Int64? = nil, ownEvents: OwnEvents? = nil
    ) {
        self.ledger = ledger
        self.publications = publications
        self.certificates = certificates
        self.scope = scope
        self.documents = documents
        self.comparesTiles = comparesTiles
        self.threads = threads ?? InOrder.processorCount
        self.now = now
        self.snapshotSize = snapshotSize
        self.ownEvents = ownEvents
        judge = EntryJudge(
            certificates: certificates,
            state: expectedEntries.map { Self.compactState(ledger.registry, size: $0) } ?? LedgerState())
        tiles = TileCheck(
            reader: ledger.registry.ledger, comparesTiles: comparesTiles,
            sizesOfInterest: publications.all.map(\.head.size))
    }

    private static func compactState(_ registry: RegistryFolder, size: Int64) -> LedgerState {
        let entries = LedgerEntries(registry.ledger, size: size)
        return LedgerState(
            into: CompactArchive(expectedEntries: size) { index throws(ArchiveFault) in
                try entries.archived(at: index)
            })
    }

    /// Reads a tree of `size` entries.
    ///
    /// - Parameters:
    ///   - folded: handed every entry that is out of scope, in order, with what is found of its documents.
    ///   - judged: handed every entry in scope, likewise.
    package mutating func run(
        size: Int64, folded: (Entry, [Finding]) -> Void = { _, _ in },
        judged: (JudgedEntry, [Finding]) -> Void
    ) async throws {
        let examination = BundleExamination(
            reader: ledger.registry.ledger, certificates: certificates, selection: selection(size: size),
            documents: documents, comparesTiles: comparesTiles)
        // Of a small tree every core gets a share; of a large one a bundle at a time.
        let share = size > 16 * Int64(TilePath.fullWidth) ? TilePath.fullWidth : max(8, Int(size) / threads + 1)
        let parts = TilePath.bundles(forSize: size).lazy.flatMap { BundlePart.parts(of: $0, entries: share) }
        // Also where it ends before the last entry.
        defer { ReadingProgress.tell(size, of: size) }
        keepSnapshot()
        try await InOrder.run(parts, workers: threads) {
            examination.examine($0)
        } take: { examined in
            defer { ReadingProgress.tell(tiles.size, of: size) }
            return try take(examined, folded: folded, judged: judged)
        }
        try tiles.finish()
        findings += historyFindings()
    }

    private mutating func take(
        _ examined: BundleExamination.Examined, folded: (Entry, [Finding]) -> Void,
        judged: (JudgedEntry, [Finding]) -> Void
    ) throws -> Bool {
        let part = examined.part
        switch examined.entries {
        case .success(let entries):
            try tiles.add(
                part, leafHashes: entries.map(\.entry.leafHash), stored: examined.stored, root: examined.root)
            for entry in entries {
                take(entry, folded: folded, judged: judged)
                keepSnapshot()
            }
        case .failure(let error):
            if part.range.lowerBound == 0 { findings.append(error.finding) }
            let stored = examined.stored ?? part.storedHashes(ledger.registry.ledger)
            guard try tiles.addUnreadable(part, error: error, stored: stored) else { return false }
            for _ in part.range { judge.skipUnreadable() }
        }
        return true
    }

    private mutating func keepSnapshot() {
        if judge.state.size == snapshotSize { snapshot = judge.state }
    }

    /// Checkpoints were judged by a history that was read ahead: the entries have to lead to the same one.
    private func historyFindings() -> [Finding] {
        guard let registry = judge.state.registry else { return [] }
        let size = judge.state.size
        guard registry.epochs.dropFirst() != ledger.history.state.epochs.dropFirst().prefix(while: { $0.entry < size })
        else { return [] }
        return [
            Finding(
                "registry.history.mismatch", "the registry's own changes do not lead to the keys that they seem to name"
            )
        ]
    }

    private func selection(size: Int64) -> EntrySelection {
        if case .all = scope { return EntrySelection(scope: scope, voided: []) }
        return EntrySelection(scope: scope, voided: (ownEvents ?? OwnEvents(ledger.registry, size: size)).voided)
    }

    private mutating func take(
        _ item: BundleExamination.ExaminedEntry, folded: (Entry, [Finding]) -> Void,
        judged: (JudgedEntry, [Finding]) -> Void
    ) {
        defer { taken?(item.entry, judge.state) }
        let index = judge.state.size
        let ofDocuments = documents?.findings(of: item.entry, at: index, outcomes: item.documents) ?? []
        guard let outcomes = item.outcomes else {
            judge.takeUnjudged(item.entry)
            return folded(item.entry, ofDocuments)
        }
        let publications = publications
        let (roots, proved) = (tiles.roots, proved)
        let result = judge.judge(
            item.entry, outcomes: outcomes,
            proved: publications.proved(index: index, tree: item.entry.statement?.tree), now: now
        ) { size in
            // A published checkpoint that is not of this tree is none.
            guard let head = publications[size]?.head,
                roots[size] == head.root || (try? proved?.root(size: size)) == head.root
            else { return nil }
            return ContentDigest(head.root)
        }
        judge.take(result)
        guard item.isInScope else { return folded(item.entry, ofDocuments) }
        signatureCount += result.signers.count(where: \.isVerified)
        judged(result, ofDocuments)
    }
}
