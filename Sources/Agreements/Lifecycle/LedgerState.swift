/// What all entries of a ledger so far amount to: a fold over its statements, in order.
///
/// For each entry: ask for its violations, then `apply` it or, if it is of no effect, `skip` it.
package struct LedgerState: Equatable, Sendable {
    /// How many entries have been applied or skipped.
    package private(set) var size: Int64 = 0
    /// The registry's identity, the leaf hash of entry 0.
    package private(set) var identity: ContentDigest?
    /// The registry's own life; nil before entry 0.
    package private(set) var registry: RegistryState?
    /// The leaf hash that the next event of the registry itself names as `previous`.
    package private(set) var registryHead: ContentDigest?
    package private(set) var agreements: [AgreementID: AgreementState] = [:]
    /// The keys of `agreements`, in the order of their registration.
    package private(set) var agreementIDs: [AgreementID] = []
    package private(set) var unrecognisedAgreements: [AgreementID: UnrecognisedAgreement] = [:]
    /// The indices of the registry's own events of an unknown version.
    package private(set) var unrecognisedRegistryEntries: [Int64] = []
    /// The entry of each statement, by the statement's digest.
    package private(set) var indexByStatement: [ContentDigest: Int64] = [:]
    /// The entries that are voided, each with the entry that did it.
    package private(set) var voidedEntries: [Int64: Int64] = [:]

    /// What became of each entry.
    private(set) var places: [EntryPlace] = []

    package init() {}

    package func isRegistryParty(_ party: PartyID) -> Bool {
        registry?.constitution[party] != nil
    }

    /// The parties of the registry as of the next entry.
    package var parties: Set<PartyID> { Set(registry?.constitution.parties.map(\.party) ?? []) }

    /// Whether the entry counts: it was neither passed over nor voided.
    package func isOfEffect(_ entry: Int64) -> Bool {
        guard entry >= 0, entry < size, voidedEntries[entry] == nil else { return false }
        return places[Int(entry)].life != .none
    }

    /// The leaf hash of an entry; nil where it was not to be had, and beyond the end.
    package func leafHash(of entry: Int64) -> ContentDigest? {
        entry >= 0 && entry < size ? places[Int(entry)].leafHash : nil
    }

    /// The leaf hash that `statement` must name as `previous`.
    func expectedPrevious(of statement: Statement) -> ContentDigest? {
        guard let id = statement.agreement else { return registryHead }
        // A registration begins a life, even where the id has one already: that is a violation of its own.
        if case .agreementRegistered = statement.event { return nil }
        return agreements[id]?.head ?? unrecognisedAgreements[id]?.head
    }

    // MARK: - Folding

    /// Takes in the next entry, which has no violations, or only indeterminate ones.
    ///
    /// Changes stored values in place: the cost does not grow with the ledger.
    package mutating func apply(_ statement: Statement, statementDigest: ContentDigest, leafHash: ContentDigest) {
        let entry = size
        size += 1
        if indexByStatement[statementDigest] == nil {
            indexByStatement[statementDigest] = entry
        }
        if entry == 0 {
            identity = leafHash
        }
        places.append(EntryPlace(leafHash: leafHash, life: statement.agreement.map { .agreement($0) } ?? .registry))
        guard let id = statement.agreement else {
            applyRegistryEvent(statement.event, entry: entry, leafHash: leafHash)
            return
        }
        if agreements[id] != nil {
            agreements[id]?.apply(statement.event, entry: entry, leafHash: leafHash)
        } else if unrecognisedAgreements[id] != nil {
            unrecognisedAgreements[id]?.apply(statement.event, entry: entry, leafHash: leafHash)
        } else if case .agreementRegistered(let body) = statement.event {
            agreements[id] = AgreementState(id: id, registration: body, entry: entry, leafHash: leafHash)
            agreementIDs.append(id)
        } else if case .unrecognised = statement.event {
            unrecognisedAgreements[id] = UnrecognisedAgreement(
                id: id, event: statement.event, entry: entry, leafHash: leafHash)
        }
    }

    /// Passes over an entry that is of no effect. It keeps its index, and nothing else of it counts.
    ///
    /// With the digest of its statement, if it has one, the same statement stays refused as a duplicate. With its leaf
    /// hash it can be voided, which says that it is dealt with.
    package mutating func skip(statementDigest: ContentDigest? = nil, leafHash: ContentDigest? = nil) {
        if let statementDigest, indexByStatement[statementDigest] == nil {
            indexByStatement[statementDigest] = size
        }
        places.append(EntryPlace(leafHash: leafHash, life: .none))
        size += 1
    }

    /// Whether an event of the registry that cannot be read has come: it may have changed every list and key, so that
    /// nobody knows whose word a later change is.
    package var isRegistryUnknown: Bool { !unrecognisedRegistryEntries.isEmpty }

    private mutating func applyRegistryEvent(_ event: Event, entry: Int64, leafHash: ContentDigest) {
        registryHead = leafHash
        switch event {
        case .registryEstablished(let body) where entry == 0:
            registry = RegistryState(established: body)
        case .registryChanged(let body) where !isRegistryUnknown:
            registry?.apply(body, entry: entry)
        case .unrecognised:
            unrecognisedRegistryEntries.append(entry)
        case .registryVoided(let body):
            void(body.entry, by: entry)
        default:
            break
        }
    }

    /// Makes an entry of no effect: what it was part of becomes what it would be without it.
    private mutating func void(_ entry: Int64, by voiding: Int64) {
        guard entry > 0, entry < voiding, voidedEntries[entry] == nil else { return }
        voidedEntries[entry] = voiding
        if !isRegistryUnknown { registry?.revert(entry, by: voiding) }
        guard case .agreement(let id) = places[Int(entry)].life else { return }
        if let agreement = agreements[id] {
            agreements[id] = agreement.without(entry)
            if agreements[id] == nil { agreementIDs.removeAll { $0 == id } }
        } else if let agreement = unrecognisedAgreements[id] {
            unrecognisedAgreements[id] = agreement.without(entry)
        }
    }
}
