/// An archive that grows with a fold, for audits: some ten bytes an agreement. What stands in an entry is read again when
/// it is needed, which it is for agreements with more than one entry only.
///
/// For one fold, in one task. A copy of its state that did not go on with it says of every agreement that it is unknown.
package final class CompactArchive: EntryArchive, @unchecked Sendable {
    package typealias Reading = (Int64) throws(ArchiveFault) -> ArchivedEntry

    private let read: Reading
    private let hash: (AgreementID) -> UInt64
    private var table: AgreementTable
    private var chain = EntryChain()
    /// Ascending.
    private var skipped: [Int64] = []
    private var voided: [Int64: Int64] = [:]
    private var cache: LifeCache
    private var size: Int64 = 0

    /// - Parameters:
    ///   - expectedEntries: for how many to make room at once; it may be any number, and more may come.
    ///   - cachedAgreements: how many agreements' states are kept at most.
    ///   - read: reads an entry once more that the fold has taken in.
    package convenience init(expectedEntries: Int64, cachedAgreements: Int = 4096, read: @escaping Reading) {
        // A ledger must not be able to choose ids of one hash.
        let seed = UInt64.random(in: .min ... .max)
        self.init(expectedEntries: expectedEntries, cachedAgreements: cachedAgreements, read: read) { id in
            var hasher = Hasher()
            hasher.combine(seed)
            hasher.combine(id)
            return UInt64(bitPattern: Int64(hasher.finalize()))
        }
    }

    /// - Parameter hash: of which 32 bits are used.
    package init(
        expectedEntries: Int64, cachedAgreements: Int, read: @escaping Reading,
        hash: @escaping (AgreementID) -> UInt64
    ) {
        table = AgreementTable(reservedFor: expectedEntries)
        cache = LifeCache(limit: cachedAgreements)
        self.read = read
        self.hash = hash
    }

    /// How many bytes are taken for agreements and their entries, without what is kept for a while.
    package var reservedBytes: Int {
        table.reservedBytes + chain.reservedBytes + skipped.capacity * MemoryLayout<Int64>.stride
    }

    // MARK: - Looking up

    package func entry(at index: Int64) throws(ArchiveFault) -> ArchivedEntry { try read(index) }

    package func isSkipped(_ index: Int64) -> Bool {
        let position = skipped.partition(above: index) { $0 }
        return position > 0 && skipped[position - 1] == index
    }

    package func entries(of agreement: AgreementID) throws(ArchiveFault) -> [Int64] {
        var found: [Int64] = []
        for last in table.entries(under: hash(agreement)) {
            guard let statement = try read(last).statement else {
                throw ArchiveFault("entry \(last) is no longer what it was")
            }
            guard statement.agreement == agreement else { continue }
            found.append(last)
            while let previous = found.last.flatMap(chain.previous) { found.append(previous) }
        }
        return found.sorted()
    }

    /// Of the registry's own events and of entries that were passed over, the fold keeps the statements.
    package func index(
        ofStatement digest: ContentDigest, agreement: AgreementID?
    ) throws(ArchiveFault) -> Int64? {
        guard let agreement else { return nil }
        return try record(of: agreement)?.statements[digest]
    }

    func life(of id: AgreementID, at size: Int64) throws(ArchiveFault) -> AgreementLife {
        guard size == self.size else { throw ArchiveFault("the ledger was read on without this state of it") }
        return try record(of: id)?.life ?? .absent
    }

    /// Nil when nothing was taken in of the agreement.
    private func record(of id: AgreementID) throws(ArchiveFault) -> LifeCache.Record? {
        if let record = cache[id] { return record }
        let entries = try life(of: id)
        guard let last = entries.last?.index else { return nil }
        var statements: [ContentDigest: Int64] = [:]
        for (index, entry) in entries {
            if let digest = entry.statementDigest, statements[digest] == nil { statements[digest] = index }
        }
        let record = LifeCache.Record(
            life: AgreementLife(of: id, folding: entries, without: voided), statements: statements, last: last,
            entryCount: entries.count)
        cache.keep(record, of: id)
        return record
    }

    // MARK: - Growing

    /// Takes in the next entry, of an agreement.
    ///
    /// - Returns: whether the agreement is registered by it.
    func apply(
        _ statement: Statement, _ digest: ContentDigest, _ leafHash: ContentDigest, of id: AgreementID
    ) -> Bool {
        let entry = size
        size += 1
        do throws(ArchiveFault) {
            guard let record = try record(of: id) else {
                table.insert(entry, under: hash(id))
                return statement.event.isRegistration
            }
            chain.append(entry, after: record.last)
            table.replace(record.last, by: entry, under: hash(id))
            return cache.update(id) { record in
                record.last = entry
                record.entryCount += 1
                if record.statements[digest] == nil { record.statements[digest] = entry }
                return record.life.apply(statement.event, of: id, entry: entry, leafHash: leafHash)
            } ?? false
        } catch {
            // Its other entries are not known now; whoever finds them later finds this one too.
            table.insert(entry, under: hash(id))
            return false
        }
    }

    /// Takes in the next entry, of the registry itself.
    func applyRegistryEvent() { size += 1 }

    /// Passes over the next entry.
    func skip() {
        skipped.append(size)
        size += 1
    }

    /// - Parameter life: what the agreement of the entry is without it; nil when it is of no agreement.
    func void(_ entry: Int64, by voiding: Int64, life: (of: AgreementID, without: AgreementLife)?) {
        voided[entry] = voiding
        if let (id, life) = life { cache.update(id) { $0.life = life } }
    }
}
