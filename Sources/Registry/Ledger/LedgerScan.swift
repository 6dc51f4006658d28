package import Agreements
internal import Glibc
internal import OpenSSLKit
package import TiledLog
internal import TransparencyLog

/// One pass over the entries of a ledger: reading, checking signatures on all cores, judging in order.
package struct LedgerScan: ~Copyable {
    /// Which entries are judged and handed over; the others are only folded into the state. For the fold to skip what is
    /// of no effect, the registry's own events and what they name as voided are judged too, whatever the scope.
    package enum Scope: Sendable {
        case all
        case none
        /// The registry's own events, and entries whose statement fits.
        case matching(@Sendable (Statement) -> Bool)
        /// Entries from this index on: those before it were judged at another time.
        case from(Int64)
    }

    package let ledger: OpenedLedger
    package let publications: Publications
    package private(set) var judge: EntryJudge
    package private(set) var tiles: TileCheck
    package private(set) var findings: [Finding] = []
    /// Verified signatures of judged entries.
    package private(set) var signatureCount = 0
    /// The state after the first entries, as many as were asked for; nil when nothing was asked for, or it has fewer.
    package private(set) var snapshot: LedgerState?

    private let certificates: CertificateStore
    private let scope: Scope
    private let now: Int64
    private let snapshotSize: Int64?
    private let ownEvents: OwnEvents?

    /// - Parameters:
    ///   - publications: needed, as `certificates` are, where the scope is not none, or the registry has events of its own.
    ///   - ownEvents: of the tree that is read, where they are known already.
    package init(
        _ ledger: OpenedLedger, publications: Publications, certificates: CertificateStore, scope: Scope,
        comparesTiles: Bool, now: Int64, snapshotSize: Int64? = nil, ownEvents: OwnEvents? = nil
    ) {
        self.ledger = ledger
        self.publications = publications
        self.certificates = certificates
        self.scope = scope
        self.now = now
        self.snapshotSize = snapshotSize
        self.ownEvents = ownEvents
        judge = EntryJudge(certificates: certificates)
        tiles = TileCheck(
            reader: ledger.registry.ledger, comparesTiles: comparesTiles,
            sizesOfInterest: publications.all.map(\.head.size))
    }

    /// Reads a tree of `size` entries.
    ///
    /// - Parameters:
    ///   - progress: told how many entries are done.
    ///   - folded: handed every entry that is out of scope, in order.
    ///   - judged: handed every entry in scope, in order.
    package mutating func run(
        size: Int64, progress: (Int64) -> Void = { _ in }, folded: (Entry) -> Void = { _ in },
        judged: (JudgedEntry) -> Void
    ) async throws {
        let selection = selection(size: size)
        var isAfterMissing = false
        keepSnapshot()
        for bundle in TilePath.bundles(forSize: size) {
            do {
                let leaves = try ledger.registry.ledger.entries(bundle).map { Array($0) }
                let examined = await examine(leaves, from: bundle.index * Int64(TilePath.fullWidth), selection)
                try tiles.add(bundle: bundle, leafHashes: examined.map(\.entry.leafHash))
                for item in examined {
                    take(item, folded: folded, judged: judged)
                    keepSnapshot()
                }
            } catch let error as LogError {
                findings.append(error.finding)
                // A size that nobody has: the rest of it cannot be counted up one by one.
                if error.problem == .missing, isAfterMissing { break }
                isAfterMissing = error.problem == .missing
                try tiles.addUnreadable(bundle: bundle, error: error)
                for _ in 0..<bundle.width { judge.skipUnreadable() }
            }
            progress(tiles.size)
        }
        try tiles.finish()
        findings += historyFindings()
    }

    private mutating func keepSnapshot() {
        if judge.state.size == snapshotSize { snapshot = judge.state }
    }

    /// Checkpoints were judged by a history that was read ahead: the entries have to lead to the same one.
    private func historyFindings() -> [Finding] {
        guard let registry = judge.state.registry else { return [] }
        let size = judge.state.size
        guard registry.epochs.dropFirst() != ledger.history.state.epochs.dropFirst().prefix(while: { $0.entry < size })
        else { return [] }
        return [
            Finding(
                "registry.history.mismatch", "the registry's own changes do not lead to the keys that they seem to name"
            )
        ]
    }

    private struct Examined: Sendable {
        let entry: Entry
        let isInScope: Bool
        /// Nil when the entry is not to be judged.
        let outcomes: [SignatureCheck.Outcome]?
    }

    /// What is judged, and why.
    private struct Selection: Sendable {
        let scope: Scope
        let voided: Set<Int64>

        func isInScope(_ statement: Statement?, at index: Int64) -> Bool {
            switch scope {
            case .all: true
            case .none: false
            case .from(let first): index >= first
            case .matching(let fits): statement.map { $0.agreement == nil || fits($0) } ?? true
            }
        }

        /// Whether the fold itself depends on how the entry is judged. Without entry 0 there is nothing to fold.
        func bearsOnFold(_ statement: Statement?, at index: Int64) -> Bool {
            index > 0 && (voided.contains(index) || statement.map { $0.agreement == nil } ?? false)
        }
    }

    private func selection(size: Int64) -> Selection {
        if case .all = scope { return Selection(scope: scope, voided: []) }
        return Selection(scope: scope, voided: (ownEvents ?? OwnEvents(ledger.registry, size: size)).voided)
    }

    /// The part that does not depend on the order of entries, on all cores.
    private func examine(_ leaves: [[UInt8]], from first: Int64, _ selection: Selection) async -> [Examined] {
        let certificates = certificates
        let workers = max(1, min(Self.processorCount, leaves.count / 8))
        let numbered = zip(first..., leaves).map { (index: $0, leaf: $1) }
        guard workers > 1 else { return numbered.map { Self.examine($0.leaf, $0.index, certificates, selection) } }
        let share = (leaves.count + workers - 1) / workers
        return await withTaskGroup(of: (Int, [Examined]).self) { group in
            for worker in 0..<workers {
                let slice = Array(numbered.dropFirst(worker * share).prefix(share))
                group.addTask { (worker, slice.map { Self.examine($0.leaf, $0.index, certificates, selection) }) }
            }
            var parts = [[Examined]](repeating: [], count: workers)
            for await (worker, part) in group { parts[worker] = part }
            return parts.flatMap { $0 }
        }
    }

    private static let processorCount = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    private static func examine(
        _ leaf: [UInt8], _ index: Int64, _ certificates: CertificateStore, _ selection: Selection
    ) -> Examined {
        let light = Entry(leaf: leaf, checksProfile: false)
        let isInScope = selection.isInScope(light.statement, at: index)
        guard isInScope || selection.bearsOnFold(light.statement, at: index) else {
            return Examined(entry: light, isInScope: false, outcomes: nil)
        }
        let entry = light.withProfileChecked()
        return Examined(
            entry: entry, isInScope: isInScope,
            outcomes: SignatureCheck.outcomes(of: entry, certificates: certificates))
    }

    private mutating func take(_ item: Examined, folded: (Entry) -> Void, judged: (JudgedEntry) -> Void) {
        guard let outcomes = item.outcomes else {
            judge.takeUnjudged(item.entry)
            return folded(item.entry)
        }
        let index = judge.state.size
        let publications = publications
        let roots = tiles.roots
        let result = judge.judge(
            item.entry, outcomes: outcomes,
            proved: publications.proved(index: index, tree: item.entry.statement?.tree), now: now
        ) { size in
            // A published checkpoint that is not of this tree is none.
            guard let head = publications[size]?.head, roots[size] == head.root else { return nil }
            return ContentDigest(head.root)
        }
        judge.take(result)
        guard item.isInScope else { return folded(item.entry) }
        signatureCount += result.signers.count(where: \.isVerified)
        judged(result)
    }
}
