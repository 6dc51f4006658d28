internal import Agreements
internal import LedgerIndex
internal import Synchronization

/// The entries below a limit, looked up in an index. Of what a fold has judged itself, it goes by that instead.
final class IndexArchive: EntryArchive {
    private struct Judged {
        /// Entries from here on are not there yet.
        var limit: Int64
        /// The agreements whose entries the fold goes through, with those that it has taken in.
        var lives: [AgreementID: [Int64]] = [:]
        /// What became of the entries that the fold has gone through: whether each was passed over.
        var skipped: [Int64: Bool] = [:]
    }

    private let index: VouchedIndex
    private let judged: Mutex<Judged>

    /// - Parameter agreements: whose entries are gone through.
    init(_ index: VouchedIndex, limit: Int64, goingThrough agreements: Set<AgreementID> = []) {
        self.index = index
        var judged = Judged(limit: limit)
        for id in agreements { judged.lives[id] = [] }
        self.judged = Mutex(judged)
    }

    /// Goes on to an entry.
    func move(to limit: Int64) { judged.withLock { $0.limit = limit } }

    /// What became of an entry that was gone through.
    func take(_ entry: Int64, of agreement: AgreementID?, isSkipped: Bool) {
        judged.withLock {
            $0.skipped[entry] = isSkipped
            if let agreement, !isSkipped { $0.lives[agreement]?.append(entry) }
        }
    }

    func entries(of agreement: AgreementID) throws(ArchiveFault) -> [Int64] {
        if let taken = judged.withLock({ $0.lives[agreement] }) { return taken }
        let limit = judged.withLock { $0.limit }
        return try Self.fault { try index.entries(of: agreement) }
            .filter { $0.index < limit && !$0.isSkipped }.map(\.index)
    }

    func index(ofStatement digest: ContentDigest, agreement: AgreementID?) throws(ArchiveFault) -> Int64? {
        let limit = judged.withLock { $0.limit }
        let candidates = try Self.fault { try index.entries(statement: digest) }
        for candidate in candidates where candidate < limit {
            if try entry(at: candidate).statementDigest == digest { return candidate }
        }
        return nil
    }

    func entry(at index: Int64) throws(ArchiveFault) -> ArchivedEntry {
        let entry = try Self.fault { try self.index.entry(at: index) }
        return ArchivedEntry(
            leafHash: ContentDigest(entry.leafHash), statement: entry.statement,
            statementDigest: entry.statementDigest)
    }

    func isSkipped(_ index: Int64) throws(ArchiveFault) -> Bool {
        if let known = judged.withLock({ $0.skipped[index] }) { return known }
        return try Self.fault { try self.index.isSkipped(index) }
    }

    private static func fault<Result>(_ body: () throws -> Result) throws(ArchiveFault) -> Result {
        do {
            return try body()
        } catch {
            throw ArchiveFault("\(error)")
        }
    }
}
