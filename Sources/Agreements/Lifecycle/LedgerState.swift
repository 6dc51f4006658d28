/// What all entries of a ledger so far amount to: a fold over its statements, in order.
///
/// For each entry: ask for its violations, then `apply` it or, if it is of no effect, `skip` it.
///
/// There are three ways to fold, by the same rules and with the same answers: with everything in memory (`init()`), over
/// an archive of the first entries (`init(over:…)`), and into an archive that grows with the fold (`init(into:)`).
package struct LedgerState: Equatable, Sendable {
    /// How many entries have been applied or skipped.
    package private(set) var size: Int64 = 0
    /// The registry's identity, the leaf hash of entry 0.
    package private(set) var identity: ContentDigest?
    /// The registry's own life; nil before entry 0.
    package private(set) var registry: RegistryState?
    /// The leaf hash that the next event of the registry itself names as `previous`.
    package private(set) var registryHead: ContentDigest?
    /// How many agreements are registered.
    package private(set) var agreementCount = 0
    /// The indices of the registry's own events of an unknown version.
    package private(set) var unrecognisedRegistryEntries: [Int64] = []
    /// The first entry of an unknown version that was taken in, whosever event it is; it stays so when it is voided.
    package private(set) var firstUnrecognisedEntry: Int64?
    /// The entries that are voided, each with the entry that did it.
    package private(set) var voidedEntries: [Int64: Int64] = [:]

    /// Where the entries below `archivedSize` are looked up.
    private let archive: (any EntryArchive)?
    /// The same, where it grows with the fold.
    private let compact: CompactArchive?
    private var archivedSize: Int64

    // All of it without an archive, else what has changed since; nothing of it where the archive grows.
    private var lives = LayeredDictionary<AgreementID, AgreementLife>()
    private var places = LayeredArray<EntryPlace>()
    /// The first entry of each statement. Where the archive grows: of the registry's own events and of entries that were
    /// passed over.
    private var indexByStatement = LayeredDictionary<ContentDigest, Int64>()

    package init() {
        archive = nil
        compact = nil
        archivedSize = 0
    }

    /// Folds into an archive that keeps a few bytes an entry. Of such a state no copies are used.
    package init(into archive: CompactArchive) {
        self.archive = archive
        compact = archive
        archivedSize = 0
    }

    /// Goes on from an archive of the first `size` entries, which were folded by the rules.
    ///
    /// - Parameters:
    ///   - registryEntries: the registry's own events among them that were taken in, ascending: they are folded again.
    ///   - agreementCount: how many agreements are registered by them.
    ///   - firstUnrecognisedEntry: the first of an unknown version that was taken in.
    package init(
        over archive: any EntryArchive, size: Int64, registryEntries: [Int64], agreementCount: Int,
        firstUnrecognisedEntry: Int64?
    ) throws(ArchiveFault) {
        self.archive = archive
        compact = nil
        archivedSize = size
        self.size = size
        self.agreementCount = agreementCount
        self.firstUnrecognisedEntry = firstUnrecognisedEntry
        for index in registryEntries {
            let entry = try archive.entry(at: index)
            guard index < size, let statement = entry.statement, statement.agreement == nil else {
                throw ArchiveFault("entry \(index) is no event of the registry itself")
            }
            if index == 0 { identity = entry.leafHash }
            applyRegistryEvent(statement.event, entry: index, leafHash: entry.leafHash) { state, voided in
                state.voidInRegistry(voided, by: index)
            }
        }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.size == right.size && left.identity == right.identity && left.registry == right.registry
            && left.registryHead == right.registryHead && left.agreementCount == right.agreementCount
            && left.unrecognisedRegistryEntries == right.unrecognisedRegistryEntries
            && left.firstUnrecognisedEntry == right.firstUnrecognisedEntry
            && left.voidedEntries == right.voidedEntries && left.archive === right.archive
            && left.archivedSize == right.archivedSize && left.lives == right.lives && left.places == right.places
            && left.indexByStatement == right.indexByStatement
    }

    package func isRegistryParty(_ party: PartyID) -> Bool {
        registry?.constitution.parties.contains { $0.party == party } ?? false
    }

    /// The parties of the registry as of the next entry.
    package var parties: Set<PartyID> { Set(registry?.constitution.parties.map(\.party) ?? []) }

    /// Whether an event of the registry that cannot be read has come: it may have changed every list and key, so that
    /// nobody knows whose word a later change is.
    package var isRegistryUnknown: Bool { !unrecognisedRegistryEntries.isEmpty }
}

// MARK: - Looking up

extension LedgerState {
    /// Nil where the id is not registered, or its registration is of an unknown version.
    package func agreement(_ id: AgreementID) -> AgreementState? { life(of: id).registered }

    /// Nil where the id is not registered by a statement of an unknown version.
    package func unrecognisedAgreement(_ id: AgreementID) -> UnrecognisedAgreement? { life(of: id).unrecognised }

    /// All agreements in the order of their registration; over an archive, only those that have changed since.
    package var agreements: [AgreementState] {
        lives.whole.values.compactMap(\.registered).sorted { $0.registrationEntry < $1.registrationEntry }
    }

    func life(of id: AgreementID) -> AgreementLife {
        if let life = lives[id] { return life }
        guard let archive else { return .absent }
        do throws(ArchiveFault) {
            if let compact { return try compact.life(of: id, at: size) }
            return AgreementLife(of: id, folding: try archive.life(of: id), without: voidedEntries)
        } catch {
            return .unknown(error)
        }
    }

    /// The first entry that has this statement; nil when none has.
    ///
    /// - Parameter agreement: which the statement names.
    package func index(
        ofStatement digest: ContentDigest, agreement: AgreementID?
    ) throws(ArchiveFault) -> Int64? {
        let kept = indexByStatement[digest]
        guard let archived = try archive?.index(ofStatement: digest, agreement: agreement) else { return kept }
        return min(archived, kept ?? archived)
    }

    /// Whether the entry counts: it was neither passed over nor voided.
    package func isOfEffect(_ entry: Int64) -> Bool {
        guard entry >= 0, entry < size, voidedEntries[entry] == nil else { return false }
        guard entry < archivedSize else { return places[Int(entry - archivedSize)].life != .none }
        return (try? archive?.isSkipped(entry)) == false
    }

    /// The leaf hash of an entry; nil where it is not to be had, and beyond the end.
    package func leafHash(of entry: Int64) -> ContentDigest? {
        guard entry >= 0, entry < size else { return nil }
        guard entry < archivedSize else { return places[Int(entry - archivedSize)].leafHash }
        return (try? archive?.entry(at: entry))?.leafHash
    }

    /// Whose life an entry below `size` was taken into.
    func placeLife(of entry: Int64) throws(ArchiveFault) -> EntryPlace.Life {
        guard entry < archivedSize, let archive else { return places[Int(entry - archivedSize)].life }
        guard try !archive.isSkipped(entry) else { return .none }
        guard let statement = try archive.entry(at: entry).statement else {
            throw ArchiveFault("entry \(entry) is no longer what it was")
        }
        return statement.agreement.map { .agreement($0) } ?? .registry
    }
}

// MARK: - Folding

extension LedgerState {
    /// Before a copy is kept of it, and it goes on: what comes is kept apart, so that the copy costs nothing.
    package mutating func beginLayer() {
        lives.beginLayer()
        places.beginLayer()
        indexByStatement.beginLayer()
    }

    /// When no copy is kept any more.
    package mutating func settle() {
        lives.settle()
        places.settle()
        indexByStatement.settle()
    }

    /// Takes in the next entry, which has no violations, or only indeterminate ones.
    ///
    /// Changes stored values in place: the cost does not grow with the ledger.
    package mutating func apply(_ statement: Statement, statementDigest: ContentDigest, leafHash: ContentDigest) {
        let entry = size
        if entry == 0 { identity = leafHash }
        if case .unrecognised = statement.event { firstUnrecognisedEntry = firstUnrecognisedEntry ?? entry }
        guard let id = statement.agreement else {
            compact?.applyRegistryEvent()
            keep(EntryPlace(leafHash: leafHash, life: .registry), statementDigest)
            applyRegistryEvent(statement.event, entry: entry, leafHash: leafHash) { $0.void($1, by: entry) }
            return
        }
        if let compact {
            if compact.apply(statement, statementDigest, leafHash, of: id) { agreementCount += 1 }
            size += 1
            archivedSize = size
            return
        }
        if lives[id] == nil, archive != nil { lives[id] = life(of: id) }
        if lives[id, default: .absent].apply(statement.event, of: id, entry: entry, leafHash: leafHash) {
            agreementCount += 1
        }
        keep(EntryPlace(leafHash: leafHash, life: .agreement(id)), statementDigest)
    }

    /// Passes over an entry that is of no effect. It keeps its index, and nothing else of it counts.
    ///
    /// With the digest of its statement, if it has one, the same statement stays refused as a duplicate. With its leaf
    /// hash it can be voided, which says that it is dealt with.
    package mutating func skip(statementDigest: ContentDigest? = nil, leafHash: ContentDigest? = nil) {
        compact?.skip()
        keep(EntryPlace(leafHash: leafHash, life: .none), statementDigest)
    }

    private mutating func keep(_ place: EntryPlace, _ statementDigest: ContentDigest?) {
        if let statementDigest, indexByStatement[statementDigest] == nil {
            indexByStatement[statementDigest] = size
        }
        size += 1
        if compact == nil {
            places.append(place)
        } else {
            archivedSize = size
        }
    }

    private mutating func applyRegistryEvent(
        _ event: Event, entry: Int64, leafHash: ContentDigest, void: (inout LedgerState, Int64) -> Void
    ) {
        registryHead = leafHash
        switch event {
        case .registryEstablished(let body) where entry == 0:
            registry = RegistryState(established: body)
        case .registryChanged(let body) where !isRegistryUnknown:
            registry?.apply(body, entry: entry)
        case .unrecognised:
            unrecognisedRegistryEntries.append(entry)
        case .registryVoided(let body):
            void(&self, body.entry)
        default:
            break
        }
    }

    /// Makes an entry of no effect: what it was part of becomes what it would be without it.
    private mutating func void(_ entry: Int64, by voiding: Int64) {
        guard entry > 0, entry < voiding, voidedEntries[entry] == nil else { return }
        // Asked for while the entry still counts. What cannot be read again stays unknown.
        var change: (of: AgreementID, without: AgreementLife)?
        if case .agreement(let id)? = try? placeLife(of: entry) {
            let life = life(of: id)
            change = (id, life.without(entry))
            if life.isRegistered, change?.without.isRegistered == false { agreementCount -= 1 }
        }
        if let compact {
            compact.void(entry, by: voiding, life: change)
        } else if let change {
            // Without an archive, what is not there is as good as never there.
            lives[change.of] = change.without == .absent && archive == nil ? nil : change.without
        }
        voidInRegistry(entry, by: voiding)
    }

    /// The part of it that is the registry's own.
    private mutating func voidInRegistry(_ entry: Int64, by voiding: Int64) {
        guard entry > 0, entry < voiding, voidedEntries[entry] == nil else { return }
        voidedEntries[entry] = voiding
        if !isRegistryUnknown { registry?.revert(entry, by: voiding) }
    }
}
