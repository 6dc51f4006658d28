/// What a ledger knows of one id.
enum AgreementLife: Hashable, Sendable {
    /// Nothing, or nothing that is of effect.
    case absent
    case registered(AgreementState)
    /// Its registration is of an unknown version.
    case unrecognised(UnrecognisedAgreement)
    /// There are entries, and they cannot be read again.
    case unknown(ArchiveFault)

    var isRegistered: Bool {
        if case .registered = self { true } else { false }
    }

    var registered: AgreementState? {
        if case .registered(let agreement) = self { agreement } else { nil }
    }

    var unrecognised: UnrecognisedAgreement? {
        if case .unrecognised(let agreement) = self { agreement } else { nil }
    }

    /// The entry of its registration; nil without a life.
    var firstEntry: Int64? {
        switch self {
        case .registered(let agreement): agreement.registrationEntry
        case .unrecognised(let agreement): agreement.firstEntry
        case .absent, .unknown: nil
        }
    }

    /// Its first entry of an unknown version.
    var firstUnrecognised: Int64? {
        switch self {
        case .registered(let agreement): agreement.unrecognisedEntries.first
        case .unrecognised(let agreement): agreement.firstEntry
        case .absent, .unknown: nil
        }
    }

    /// The leaf hash that the next statement names as `previous`; nil without a life.
    var head: ContentDigest? {
        switch self {
        case .registered(let agreement): agreement.head
        case .unrecognised(let agreement): agreement.head
        case .absent, .unknown: nil
        }
    }

    /// The entry that must be voided before this one; nil when there is none.
    func lastEntry(restingOn entry: Int64) -> Int64? {
        switch self {
        case .registered(let agreement): agreement.lastEntry(restingOn: entry)
        case .unrecognised(let agreement): agreement.lastEntry(restingOn: entry)
        case .absent, .unknown: nil
        }
    }

    // MARK: - Folding

    /// Takes in the next entry of the life. Without a life, what is no registration does nothing.
    ///
    /// - Returns: whether the agreement is registered by it.
    @discardableResult
    mutating func apply(_ event: Event, of id: AgreementID, entry: Int64, leafHash: ContentDigest) -> Bool {
        switch self {
        case .registered(var agreement):
            // Held once only, so that its lists grow in place.
            self = .absent
            agreement.apply(event, entry: entry, leafHash: leafHash)
            self = .registered(agreement)
        case .unrecognised(var agreement):
            self = .absent
            agreement.apply(event, entry: entry, leafHash: leafHash)
            self = .unrecognised(agreement)
        case .absent:
            if case .agreementRegistered(let body) = event {
                self = .registered(AgreementState(id: id, registration: body, entry: entry, leafHash: leafHash))
                return true
            } else if case .unrecognised = event {
                self = .unrecognised(UnrecognisedAgreement(id: id, event: event, entry: entry, leafHash: leafHash))
            }
        case .unknown:
            break
        }
        return false
    }

    /// As it would be without the entry.
    func without(_ entry: Int64) -> AgreementLife {
        switch self {
        case .registered(let agreement): agreement.without(entry).map(AgreementLife.registered) ?? .absent
        case .unrecognised(let agreement): agreement.without(entry).map(AgreementLife.unrecognised) ?? .absent
        case .absent, .unknown: self
        }
    }

    /// Folds entries of the id again, in their order.
    init(of id: AgreementID, folding entries: [(index: Int64, entry: ArchivedEntry)], without voided: [Int64: Int64]) {
        self = .absent
        for (index, entry) in entries where voided[index] == nil {
            guard let statement = entry.statement else { continue }
            apply(statement.event, of: id, entry: index, leafHash: entry.leafHash)
        }
    }
}

extension EntryArchive {
    /// All that was taken into the life of an agreement.
    func life(of id: AgreementID) throws(ArchiveFault) -> [(index: Int64, entry: ArchivedEntry)] {
        var life: [(index: Int64, entry: ArchivedEntry)] = []
        for index in try entries(of: id) {
            let entry = try entry(at: index)
            guard entry.statement?.agreement == id else {
                throw ArchiveFault("entry \(index) is no longer what it was")
            }
            life.append((index, entry))
        }
        return life
    }
}
