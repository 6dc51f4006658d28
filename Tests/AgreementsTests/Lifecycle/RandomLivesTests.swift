import Agreements
import Support
import Testing

/// Lives of agreements, a hundred to a ledger, with events, voidings and bad entries as chance has them: 10,000 when it is
/// to be exhaustive (`make ways`).
@Suite("Random lives")
struct RandomLivesTests {
    private static let ledgers = Campaign.isWhole ? 100 : 20
    private static let livesPerLedger = 100

    /// What became of one entry.
    private enum Entry {
        case taken(Statement)
        case skipped
    }

    private struct Ledger {
        var state = LedgerState()
        var entries: [Entry] = []
        var refused: [String: Int] = [:]
        /// How many events of one party have changed where it all leads.
        var unilateralSteps = 0
        var chance: RandomLife

        static func statementDigest(_ index: Int) -> ContentDigest { Fixture.digest(index + 30_000) }

        init(seed: UInt64, established: Statement) {
            chance = RandomLife(seed: seed)
            take(established)
        }

        mutating func take(_ statement: Statement) {
            Self.take(.taken(statement), index: entries.count, into: &state)
            entries.append(.taken(statement))
        }

        static func take(_ entry: Entry, index: Int, into state: inout LedgerState) {
            let leafHash = Life.leafHash(Int64(index))
            switch entry {
            case .taken(let statement):
                state.apply(statement, statementDigest: statementDigest(index), leafHash: leafHash)
            case .skipped:
                state.skip(statementDigest: statementDigest(index), leafHash: leafHash)
            }
        }

        private func statement(_ event: Event, _ agreement: AgreementID?, previous: ContentDigest?) -> Statement {
            Statement(
                agreement: agreement, event: event, ledger: .registry(Life.firstLeaf), previous: previous,
                tree: TreeReference(root: Life.root(1), size: 1))
        }

        private mutating func next(_ ids: [AgreementID]) -> Statement {
            let id = ids[chance.number(0..<ids.count)]
            let known = state.agreement(id)
            if chance.chance(12) {
                // Mostly what may be voided: the last entry of a life, or any.
                let entry = chance.chance(3) ? Int64(chance.number(0..<entries.count)) : known?.entryIndices.last ?? 0
                let body = RegistryVoided(entry: entry, leafHash: Life.leafHash(entry), reason: "chance")
                return statement(.registryVoided(body), nil, previous: state.registryHead)
            }
            guard let known, !chance.chance(40) else { return statement(chance.registration(), id, previous: nil) }
            return statement(chance.step(), id, previous: known.head)
        }

        /// What one party did alone has changed nothing before the latest day, up to today, that all have signed.
        private mutating func requireNoReach(of statement: Statement, before: LedgerState, on today: CalendarDate) {
            guard statement.event.actingParty != nil, let id = statement.agreement, let old = before.agreement(id),
                let new = state.agreement(id)
            else { return }
            let joint =
                [old.registration.concluded.date]
                + old.events.filter { $0.body.actingParty == nil }.map(\.body.legalDate)
            guard let latest = joint.compactMap({ $0 }).filter({ $0 <= today }).max(),
                let dayBefore = CalendarDate(daysSinceEpoch: latest.daysSinceEpoch - 1)
            else { return }
            unilateralSteps += old.status(on: nil) == new.status(on: nil) ? 0 : 1
            #expect(old.standing(on: dayBefore) == new.standing(on: dayBefore), "\(statement.event.name) of \(id)")
        }

        /// One attempt: taken in only if it breaks no rule, and now and then put there as a bad entry if it does.
        mutating func attempt(_ ids: [AgreementID]) {
            let statement = next(ids)
            let judgedDay = chance.chance(4) ? nil : CalendarDate(year: 2026, month: chance.number(1..<13), day: 1)
            let violations = state.violations(
                of: statement, statementDigest: Self.statementDigest(entries.count), on: judgedDay,
                publishedRoot: { _ in Life.root(1) })
            guard !violations.isEmpty else {
                let before = state
                take(statement)
                if let judgedDay { requireNoReach(of: statement, before: before, on: judgedDay) }
                return
            }
            for violation in violations { refused[violation.key, default: 0] += 1 }
            if chance.chance(10) {
                Self.take(.skipped, index: entries.count, into: &state)
                entries.append(.skipped)
            }
        }
    }

    private static let ids: [AgreementID] = (0..<livesPerLedger).compactMap { AgreementID("L-\($0)") }

    private func ledger(_ seed: Int) throws -> Ledger {
        let first = Statement(
            agreement: nil, event: .registryEstablished(try Fixture.established()), ledger: .origin(Fixture.origin),
            previous: nil, tree: nil)
        return Ledger(seed: UInt64(seed), established: first)
    }

    @Test("lives fold to the same state whatever way they are folded", arguments: 0..<ledgers)
    func sameState(_ seed: Int) throws {
        var ledger = try ledger(seed)
        var snapshots: [(state: LedgerState, size: Int)] = []
        for attempt in 0..<(Self.livesPerLedger * 20) {
            ledger.attempt(Self.ids)
            if attempt % 400 == 0 { snapshots.append((ledger.state, ledger.entries.count)) }
        }
        let entries = ledger.entries
        let state = ledger.state

        // One by one, from the beginning.
        var again = LedgerState()
        for (index, entry) in entries.enumerated() { Ledger.take(entry, index: index, into: &again) }
        #expect(again == state)

        // From copies on, which are what they were when they were made.
        for snapshot in snapshots {
            var copy = LedgerState()
            for (index, entry) in entries.prefix(snapshot.size).enumerated() {
                Ledger.take(entry, index: index, into: &copy)
            }
            #expect(copy == snapshot.state)
            for (index, entry) in entries.enumerated().dropFirst(snapshot.size) {
                Ledger.take(entry, index: index, into: &copy)
            }
            #expect(copy == state)
        }

        // Without the voided entries and their voidings: as if they had never been.
        var clean = LedgerState()
        let gone = Set(state.voidedEntries.keys).union(state.voidedEntries.values)
        for (index, entry) in entries.enumerated() {
            Ledger.take(gone.contains(Int64(index)) ? .skipped : entry, index: index, into: &clean)
        }
        #expect(clean.agreements == state.agreements)
        #expect(clean.agreementCount == state.agreementCount)
        #expect(state.agreementCount == state.agreements.count)

        for agreement in state.agreements {
            for _ in 0..<4 {
                let day = CalendarDate(
                    year: 2025 + ledger.chance.number(0..<7), month: ledger.chance.number(1..<13), day: 15)
                #expect(agreement.status(on: day) == SecondFold.status(of: agreement, on: day), "\(agreement.id)")
            }
            #expect(agreement.status(on: nil) == SecondFold.status(of: agreement, on: nil), "\(agreement.id)")
        }
        // Enough came about for all that to mean something.
        #expect(state.agreements.count > Self.livesPerLedger / 2)
        #expect(state.voidedEntries.count > 20)
        #expect(ledger.refused["agreement.status.refused", default: 0] > 100)
        #expect(ledger.unilateralSteps > 0)
        for key in ["agreement.denunciation.backdated", "agreement.denunciation.effect", "agreement.date.early"] {
            #expect(ledger.refused[key, default: 0] > 5, "\(key)")
        }
        #expect(Set(state.agreements.map { $0.status(on: nil) }).count >= 4)
    }
}

/// The status once more, written down as simply as it can be: no table, nothing kept.
enum SecondFold {
    private static let never = Int64.max

    static func status(of agreement: AgreementState, on day: CalendarDate?) -> AgreementStatus {
        var latest = agreement.registration.concluded.date?.daysSinceEpoch ?? .min
        var alone: [PartyID: Int64] = [:]
        var dated: [(day: Int64, entry: Int64, event: Event)] = []
        for recorded in agreement.events {
            let event = recorded.body
            let party: PartyID? =
                switch event {
                case .agreementConsented(let body): body.party
                case .agreementDenounced(let body): body.party
                case .agreementDenunciationWithdrawn(let body): body.party
                default: nil
                }
            if case .agreementNoted = event { continue }
            var day = latest
            if let party { day = max(day, alone[party] ?? day) }
            if let own = event.legalDate { day = own.daysSinceEpoch }
            if let party {
                alone[party] = max(alone[party] ?? day, day)
            } else {
                latest = max(latest, day)
            }
            dated.append((day, recorded.entry, event))
        }
        let limit = day?.daysSinceEpoch ?? never
        dated = dated.filter { $0.day <= limit }.sorted { ($0.day, $0.entry) < ($1.day, $1.entry) }

        var force = AgreementStatus.signed
        var suspended = false
        var effects: [PartyID: Int64] = [:]
        for (day, _, event) in dated {
            if effects.values.contains(where: { $0 <= day }) { return .ended }
            switch event {
            case .agreementAppliedProvisionally: if force == .signed { force = .provisionallyApplied }
            case .agreementEnteredIntoForce: force = .inForce
            case .agreementSuspended: if effects.isEmpty, force != .signed { suspended = true }
            case .agreementResumed: if effects.isEmpty { suspended = false }
            case .agreementDenounced(let body):
                guard !effects.isEmpty || suspended || force == .inForce else { continue }
                effects[body.party] = body.details.date.map { max($0.daysSinceEpoch, day) } ?? never
            case .agreementDenunciationWithdrawn(let body): effects[body.party] = nil
            case .agreementTerminated, .agreementExpired: return .ended
            default: continue
            }
        }
        if effects.values.contains(where: { $0 <= limit && $0 != never }) { return .ended }
        if !effects.isEmpty { return .denounced }
        return suspended ? .suspended : force
    }
}
