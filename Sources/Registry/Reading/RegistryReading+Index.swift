internal import Agreements
internal import LedgerIndex
internal import TiledLog

/// A few agreements of a large registry: found by its index, and read from the ledger.
extension RegistryReading {
    /// - Throws: whatever stands in the way; the ledger is to be read whole then.
    static func read(
        _ ledger: OpenedLedger, index: VouchedIndex, selection: Selection, now: Int64
    ) throws -> RegistryReading {
        let agreements: Set<AgreementID>
        var isJudging = true
        switch selection {
        case .none, .all: throw IndexFault("everything is asked for")
        case .state:
            agreements = []
            isJudging = false
        case .search(let words):
            guard let found = try index.search(words, limit: IndexUse.mostFound) else {
                throw IndexFault("too many to look at one by one")
            }
            agreements = Set(found)
            isJudging = false
        case .agreements(let ids): agreements = ids
        case .content(let digests, let commitments):
            let entries = try index.entries(digests: digests, commitments: commitments)
            agreements = Set(try entries.compactMap { try index.entry(at: $0).statement?.agreement })
        }
        let publications = Publications(lazily: ledger.registry, history: ledger.history, tiles: index.tiles)
            .including(ledger.published)
        let fold = try IndexedFold(
            index, agreements: agreements, isJudging: isJudging, publications: publications,
            certificates: CertificateStore(ledger.registry), now: now)
        guard fold.leadsTo(ledger.history) else { throw IndexFault("the registry's own changes lead elsewhere") }
        let states = agreements.compactMap { fold.state.agreement($0) }
        return RegistryReading(
            ledger: ledger, head: ledger.publishedHead, publications: publications, state: fold.state,
            judged: isJudging ? fold.judged : [],
            agreements: states.sorted { $0.registrationEntry < $1.registrationEntry }, restsOnIndex: true)
    }
}

extension RegistryReading.Selection {
    /// Whether an index can tell where to look.
    var isOfFew: Bool {
        switch self {
        case .none, .all: false
        case .state, .search, .agreements, .content: true
        }
    }

    /// Whether the state is asked for this agreement and that, and not for all of them.
    var asksForFewStates: Bool {
        if case .state = self { true } else { false }
    }

    /// Whether one is made where there is none: not by who writes next, and makes one that he can go on from.
    var isWorthAnIndex: Bool {
        if case .state = self { false } else { isOfFew }
    }
}
