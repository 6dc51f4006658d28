/// What all entries of a ledger so far amount to: a fold over its statements, in order.
///
/// For each entry: ask for its violations, then `apply` it or, if it is of no effect, `skip` it.
package struct LedgerState: Sendable {
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

    package init() {}

    package func isRegistryParty(_ party: PartyID) -> Bool {
        registry?.constitution[party] != nil
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
            unrecognisedAgreements[id] = UnrecognisedAgreement(id: id, entry: entry, leafHash: leafHash)
        }
    }

    /// Passes over an entry that is of no effect. It keeps its index, and nothing else of it counts.
    ///
    /// With the digest of its statement, if it has one, the same statement stays refused as a duplicate.
    package mutating func skip(statementDigest: ContentDigest? = nil) {
        if let statementDigest, indexByStatement[statementDigest] == nil {
            indexByStatement[statementDigest] = size
        }
        size += 1
    }

    private mutating func applyRegistryEvent(_ event: Event, entry: Int64, leafHash: ContentDigest) {
        registryHead = leafHash
        switch event {
        case .registryEstablished(let body) where entry == 0:
            registry = RegistryState(established: body)
        case .registryChanged(let body):
            registry?.apply(body, entry: entry)
        case .unrecognised:
            unrecognisedRegistryEntries.append(entry)
        case .registryEstablished, .agreementRegistered, .agreementConsented, .agreementNoted:
            break
        }
    }
}
