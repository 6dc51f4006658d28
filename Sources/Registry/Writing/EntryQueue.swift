internal import Agreements
internal import OpenSSLKit
internal import TiledLog

/// Entries that are checked and not yet written, and what is to lie beside them.
struct EntryQueue {
    struct QueuedEntry {
        let entry: Entry
        let outcomes: [SignatureCheck.Outcome]
        let proved: ProvedInterval
    }

    private(set) var entries: [QueuedEntry] = []
    /// As it was before anything was queued.
    private var judgeBefore: EntryJudge?
    /// By which times the entries were judged.
    private var judgedAt: Set<Int64> = []
    /// Where the bytes of the public documents are, by digest.
    private(set) var documents: [ContentDigest: String] = [:]
    private(set) var restricted: [DocumentCommitment: RestrictedDocument] = [:]
    private(set) var certificates: [Certificate] = []

    var isEmpty: Bool { entries.isEmpty }
    var leaves: [ArraySlice<UInt8>] { entries.map(\.entry.leaf) }
    /// Whether anything lies beside the ledger.
    var hasFiles: Bool { !documents.isEmpty || !restricted.isEmpty || !certificates.isEmpty }

    /// - Parameters:
    ///   - judge: as it is before this entry is taken in; what it takes in from then on is kept apart.
    ///   - time: by which it was judged.
    mutating func append(
        _ entry: QueuedEntry, judgedBy judge: inout EntryJudge, at time: Int64, documents: [ContentDigest: String],
        restricted: [DocumentCommitment: RestrictedDocument], certificates: [Certificate]
    ) {
        if judgeBefore == nil {
            judge.beginLayer()
            judgeBefore = judge
        }
        judgedAt.insert(time)
        entries.append(entry)
        self.documents.merge(documents) { first, _ in first }
        self.restricted.merge(restricted) { first, _ in first }
        self.certificates += certificates
    }

    /// Judges all of it once more, unless it was by that very time: since then a draft may have lapsed, or a certificate
    /// expired.
    ///
    /// - Parameter current: the judge that has taken all of it in.
    func requirePassed(after current: EntryJudge, publications: Publications, at time: Int64) throws(RegistryError) {
        guard judgedAt != [time], var judge = judgeBefore else { return }
        judge.hold(certificatesOf: current)
        for entry in entries { judge.take(try judge.requirePassed(entry, publications: publications, at: time)) }
    }
}

extension EntryJudge {
    /// - Throws: `RegistryError.refused` with every finding.
    mutating func requirePassed(
        _ queued: EntryQueue.QueuedEntry, publications: Publications, at time: Int64
    ) throws(RegistryError) -> JudgedEntry {
        let judged = judge(queued.entry, outcomes: queued.outcomes, proved: queued.proved, now: time) { size in
            publications[size].map { ContentDigest($0.head.root) }
        }
        guard judged.verdict == .passed else {
            let reasons = judged.findings.filter { $0.severity != .warning }
            throw RegistryError(
                .refused, "the entry is refused: \(reasons.map(\.message).joined(separator: "; "))",
                hint: "finding \(reasons.first?.key ?? judged.verdict.rawValue); nothing was added", findings: reasons)
        }
        return judged
    }
}
