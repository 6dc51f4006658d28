internal import Agreements
internal import LedgerIndex
internal import TiledLog
internal import TransparencyLog

/// The entries of some agreements, and what their judging rests on, folded by the rules as a pass over all entries would:
/// the registry's own events, and the lives that one of them has voided something of.
struct IndexedFold {
    private(set) var judge: EntryJudge
    private(set) var judged: [JudgedEntry] = []

    private let index: VouchedIndex
    private let archive: IndexArchive
    private let publications: Publications
    private let examiners: EntryExaminers
    private let now: Int64
    private var ownEntries: [Int64] = []

    /// - Parameters:
    ///   - agreements: whose entries are gone through.
    ///   - isJudging: whether they are judged in full; only folded otherwise.
    /// - Throws: when the index or the ledger cannot be read, or an entry is not the tree's.
    init(
        _ index: VouchedIndex, agreements: Set<AgreementID>, isJudging: Bool, publications: Publications,
        certificates: CertificateStore, now: Int64
    ) throws {
        self.index = index
        self.publications = publications
        examiners = EntryExaminers(certificates: certificates)
        self.now = now
        judge = EntryJudge(certificates: certificates)
        let own = try index.ownLeaves().map(\.0)
        var voided: Set<Int64> = []
        for entry in own {
            guard case .registryVoided(let body)? = try index.entry(at: entry).statement?.event else { continue }
            voided.insert(body.entry)
        }
        let affected = Set(try voided.filter { $0 < index.size }.compactMap { try index.agreement(at: $0) })
        let lives = agreements.union(affected)
        archive = IndexArchive(index, limit: 0, goingThrough: lives)
        let entries = try lives.flatMap { try index.entries(of: $0).map(\.index) }
        for entry in (own + entries).sorted() {
            let agreement = try index.entry(at: entry).statement?.agreement
            let isInScope = agreement.map(agreements.contains) ?? true
            try take(
                entry, of: agreement,
                isJudged: voided.contains(entry) || (isInScope ? isJudging : false) || agreement == nil && entry > 0,
                isInScope: isInScope)
        }
        archive.move(to: index.size)
        judge.resume(try state(size: index.size))
    }

    var state: LedgerState { judge.state }

    /// Whether the registry's own events lead to the keys that checkpoints were judged by.
    func leadsTo(_ history: RegistryHistory) -> Bool {
        let size = state.size
        return state.registry?.epochs.dropFirst()
            == history.state.epochs.dropFirst().prefix { $0.entry < size }
    }

    /// Judges the entries that follow those of the index, up to a size.
    ///
    /// - Parameter isKeepingAll: whether all of them are among the judged ones then, or the registry's own events only.
    mutating func goOn(to size: Int64, isKeepingAll: Bool = false) throws -> [IndexedEntry] {
        var entries: [IndexedEntry] = []
        while judge.state.size < size {
            let position = judge.state.size
            let result = judge(try index.entry(at: position), at: position)
            let entry = result.entry
            if isKeepingAll || entry.statement?.agreement == nil { judged.append(result) }
            entries.append(IndexedEntry(entry, after: judge.state))
        }
        return entries
    }

    private mutating func judge(_ entry: Entry, at position: Int64) -> JudgedEntry {
        let publications = publications
        let (entry, outcomes) = examiners.use { $0.check(entry) }
        let result = judge.judge(
            entry, outcomes: outcomes,
            proved: publications.proved(index: position, tree: entry.statement?.tree), now: now
        ) { size in
            // Of this very tree: others are none.
            publications[size].map { ContentDigest($0.head.root) }
        }
        judge.take(result)
        return result
    }

    private func state(size: Int64) throws -> LedgerState {
        try LedgerState(
            over: archive, size: size, registryEntries: ownEntries, agreementCount: index.agreementCount,
            firstUnrecognisedEntry: index.firstUnrecognisedEntry)
    }

    private mutating func take(_ position: Int64, of agreement: AgreementID?, isJudged: Bool, isInScope: Bool) throws {
        archive.move(to: position)
        if position > 0 { judge.resume(try state(size: position)) }
        let entry = try index.entry(at: position)
        if isJudged {
            let result = judge(entry, at: position)
            if isInScope { judged.append(result) }
        } else {
            judge.takeUnjudged(entry)
        }
        let isSkipped = !judge.state.isOfEffect(position)
        archive.take(position, of: agreement, isSkipped: isSkipped)
        if agreement == nil, !isSkipped { ownEntries.append(position) }
    }
}
