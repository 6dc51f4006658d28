/// States of agreements that were read again, a limited number of them.
struct LifeCache {
    struct Record {
        var life: AgreementLife
        /// The first entry of each statement, those of voided entries included.
        var statements: [ContentDigest: Int64]
        var last: Int64
        var entryCount: Int
    }

    private var records: [AgreementID: Record] = [:]
    /// How many entries all have together.
    private var entryCount = 0
    /// Which has the most entries, as far as is known.
    private var longest: AgreementID?
    private let limit: Int
    /// An agreement may have many entries: they are counted as well.
    private static let entriesPerAgreement = 8

    init(limit: Int) { self.limit = max(1, limit) }

    subscript(id: AgreementID) -> Record? { records[id] }

    mutating func keep(_ record: Record, of id: AgreementID) {
        makeRoom()
        records[id] = record
        count(record.entryCount, of: id, now: record.entryCount)
    }

    /// - Returns: nil when it is not kept.
    mutating func update<Result>(_ id: AgreementID, _ change: (inout Record) -> Result) -> Result? {
        guard let index = records.index(forKey: id) else { return nil }
        let before = records.values[index].entryCount
        let result = change(&records.values[index])
        let after = records.values[index].entryCount
        count(after - before, of: id, now: after)
        return result
    }

    private mutating func count(_ more: Int, of id: AgreementID, now count: Int) {
        entryCount += more
        if count >= longest.flatMap({ records[$0]?.entryCount }) ?? 0 { longest = id }
    }

    // The longest life stays: it is not to be read again at each of its events.
    private mutating func makeRoom() {
        let kept = longest.flatMap { id in records[id].map { (id, $0) } }
        let others = entryCount - (kept?.1.entryCount ?? 0)
        guard records.count > limit || others >= limit * Self.entriesPerAgreement else { return }
        records = [:]
        entryCount = 0
        if let (id, record) = kept {
            records[id] = record
            entryCount = record.entryCount
        }
    }
}
