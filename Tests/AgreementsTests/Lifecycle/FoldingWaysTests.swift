import Agreements
import Support
import Testing

/// The same ledger folded in memory, into an archive that grows, and over archives of its first entries.
@Suite("Ways to fold")
struct FoldingWaysTests {
    /// The entries so far, whatever became of them; read by the archives.
    private final class Entries: @unchecked Sendable {
        var all: [ArchivedEntry] = []
        var skipped: Set<Int64> = []
        var unreadable: Set<Int64> = []
        var readings = 0

        func entry(at index: Int64) throws(ArchiveFault) -> ArchivedEntry {
            readings += 1
            guard !unreadable.contains(index), all.indices.contains(Int(index)) else {
                throw ArchiveFault("entry \(index) cannot be read again")
            }
            return all[Int(index)]
        }
    }

    /// What an index on disk knows of the first entries.
    private final class FirstEntries: EntryArchive, @unchecked Sendable {
        let entries: Entries
        let size: Int64
        let skipped: Set<Int64>

        init(_ entries: Entries) {
            self.entries = entries
            size = Int64(entries.all.count)
            skipped = entries.skipped
        }

        func entries(of agreement: AgreementID) throws(ArchiveFault) -> [Int64] {
            (0..<size).filter { !isSkipped($0) && entries.all[Int($0)].statement?.agreement == agreement }
        }

        func index(
            ofStatement digest: ContentDigest, agreement: AgreementID?
        ) throws(ArchiveFault) -> Int64? {
            (0..<size).first {
                entries.all[Int($0)].statementDigest == digest
                    && entries.all[Int($0)].statement?.agreement == agreement
            }
        }

        func entry(at index: Int64) throws(ArchiveFault) -> ArchivedEntry { try entries.entry(at: index) }

        func isSkipped(_ index: Int64) -> Bool { skipped.contains(index) }

        /// A state that goes on from here.
        func state(after memory: LedgerState) throws -> LedgerState {
            try LedgerState(
                over: self, size: size,
                registryEntries: (0..<size).filter {
                    !isSkipped($0) && entries.all[Int($0)].statement?.agreement == nil
                },
                agreementCount: memory.agreementCount, firstUnrecognisedEntry: memory.firstUnrecognisedEntry)
        }
    }

    private struct Run {
        var chance: RandomLife
        let entries = Entries()
        var memory = LedgerState()
        var compact: LedgerState
        var over: [LedgerState] = []
        var statementCount = 0
        var refused: [String: Int] = [:]

        static let ids: [AgreementID] = (0..<12).compactMap { AgreementID("L-\($0)") }

        init(seed: UInt64) throws {
            chance = RandomLife(seed: seed)
            let entries = entries
            // A few bits, so that most ids have the hash of another one.
            let archive = CompactArchive(
                expectedEntries: 0, cachedAgreements: 2,
                read: { index throws(ArchiveFault) in try entries.entry(at: index) },
                hash: { UInt64($0.text.utf8.reduce(0) { $0 &+ UInt64($1) } % 3) << 8 })
            compact = LedgerState(into: archive)
            let first = Statement(
                agreement: nil, event: .registryEstablished(try Fixture.established()), ledger: .origin(Fixture.origin),
                previous: nil, tree: nil)
            try attempt(first, Fixture.digest(20_000))
        }

        mutating func next() throws -> (Statement, ContentDigest) {
            if chance.chance(15) {
                // Once more what was there before, taken in, voided or passed over.
                let entry = entries.all[chance.number(0..<entries.all.count)]
                if let statement = entry.statement, let digest = entry.statementDigest { return (statement, digest) }
            }
            statementCount += 1
            let digest = Fixture.digest(20_000 + statementCount)
            let id = Self.ids[chance.number(0..<Self.ids.count)]
            let known = memory.agreement(id)
            let head = known?.head ?? memory.unrecognisedAgreement(id)?.head
            if chance.chance(8) {
                let last = known?.entryIndices.last ?? memory.unrecognisedAgreement(id)?.entryIndices.last ?? 0
                let entry = chance.chance(3) ? Int64(chance.number(0..<entries.all.count)) : last
                let body = RegistryVoided(entry: entry, leafHash: Life.leafHash(entry), reason: "chance")
                return (statement(.registryVoided(body), nil, memory.registryHead), digest)
            }
            if chance.chance(40) {
                return (statement(.unrecognised(name: "agreement.new", body: .null), id, head, version: 2), digest)
            }
            guard head != nil, !chance.chance(30) else { return (statement(chance.registration(), id, nil), digest) }
            return (statement(chance.step(), id, head), digest)
        }

        private func statement(
            _ event: Event, _ agreement: AgreementID?, _ previous: ContentDigest?, version: Int = 1
        ) -> Statement {
            Statement(
                agreement: agreement, event: event, ledger: .registry(Life.firstLeaf), previous: previous,
                tree: TreeReference(root: Life.root(1), size: 1), version: version)
        }

        mutating func attempt(_ statement: Statement, _ digest: ContentDigest) throws {
            let day = CalendarDate(year: 2026, month: chance.number(1..<13), day: 1)
            func violations(_ state: LedgerState) -> [RuleViolation] {
                state.violations(
                    of: statement, statementDigest: digest, on: day, publishedRoot: { _ in Life.root(1) })
                    + state.signerViolations(of: statement, signers: [PartyID("KZ"), PartyID("UZ")])
            }
            let found = violations(memory)
            for other in [compact] + over { #expect(violations(other) == found, "\(statement)") }
            for violation in found { refused[violation.key, default: 0] += 1 }
            let isBad = !found.filter { !$0.key.hasPrefix("entry.signers.") }.allSatisfy(\.isIndeterminate)
            guard !isBad || chance.chance(6) else { return }
            let index = Int64(entries.all.count)
            let leafHash = Life.leafHash(index)
            entries.all.append(ArchivedEntry(leafHash: leafHash, statement: statement, statementDigest: digest))
            if isBad { entries.skipped.insert(index) }
            func take(_ state: inout LedgerState) {
                if isBad {
                    state.skip(statementDigest: digest, leafHash: leafHash)
                } else {
                    state.apply(statement, statementDigest: digest, leafHash: leafHash)
                }
            }
            take(&memory)
            take(&compact)
            for position in over.indices { take(&over[position]) }
        }

        func compare() throws {
            for state in [compact] + over {
                #expect(state.size == memory.size && state.identity == memory.identity)
                #expect(state.registry == memory.registry && state.registryHead == memory.registryHead)
                #expect(state.agreementCount == memory.agreementCount)
                #expect(state.voidedEntries == memory.voidedEntries)
                for id in Self.ids {
                    #expect(state.agreement(id) == memory.agreement(id))
                    #expect(state.unrecognisedAgreement(id) == memory.unrecognisedAgreement(id))
                }
                for index in 0..<memory.size {
                    #expect(state.isOfEffect(index) == memory.isOfEffect(index))
                    #expect(state.leafHash(of: index) == memory.leafHash(of: index))
                }
            }
        }
    }

    @Test(
        "three ways to fold find the same violations and come to the same states",
        arguments: 0..<(Campaign.isWhole ? 20 : 1))
    func sameAnswers(_ seed: Int) throws {
        var run = try Run(seed: UInt64(seed))
        for step in 0..<400 {
            let (statement, digest) = try run.next()
            try run.attempt(statement, digest)
            if step % 100 == 50 {
                run.over.append(try FirstEntries(run.entries).state(after: run.memory))
            }
            if step % 80 == 0 { try run.compare() }
        }
        try run.compare()
        for key in ["statement.duplicate", "agreement.id.used", "agreement.state.unknown", "registry.void.order"] {
            #expect(run.refused[key, default: 0] > 0, "\(key)")
        }
        #expect(run.memory.voidedEntries.count > 2)
        #expect(!run.entries.skipped.isEmpty)
    }

    @Test("an agreement whose entries cannot be read again is unknown, which is indeterminate and no pass")
    func unreadable() throws {
        var run = try Run(seed: 7)
        let id = try Fixture.agreement()
        let registration = try Fixture.statement(.agreementRegistered(Fixture.registered()))
        let statement = Statement(
            agreement: id, event: registration.event, ledger: .registry(Life.firstLeaf), previous: nil,
            tree: TreeReference(root: Life.root(1), size: 1))
        try run.attempt(statement, Fixture.digest(30_000))
        run.over.append(try FirstEntries(run.entries).state(after: run.memory))
        run.entries.unreadable = [1]
        let note = Statement(
            agreement: id, event: .agreementNoted(try Fixture.noted()), ledger: .registry(Life.firstLeaf),
            previous: Life.leafHash(1), tree: TreeReference(root: Life.root(1), size: 1))
        for state in [run.compact] + run.over {
            let found = state.violations(
                of: note, statementDigest: Fixture.digest(30_001), on: nil, publishedRoot: { _ in Life.root(1) })
            #expect(!found.isEmpty)
            #expect(found.allSatisfy { $0.key == "agreement.state.unknown" && $0.isIndeterminate })
            let ended = Statement(
                agreement: id, event: .agreementTerminated(.init()), ledger: .registry(Life.firstLeaf),
                previous: Life.leafHash(1), tree: note.tree)
            #expect(state.signerViolations(of: ended, signers: []).map(\.key) == ["entry.signers.unknown"])
            let body = RegistryVoided(entry: 1, leafHash: Life.leafHash(1), reason: "chance")
            let voiding = Statement(
                agreement: nil, event: .registryVoided(body), ledger: .registry(Life.firstLeaf),
                previous: Life.firstLeaf, tree: note.tree)
            let voidings = state.violations(
                of: voiding, statementDigest: Fixture.digest(30_002), on: nil, publishedRoot: { _ in Life.root(1) })
            #expect(voidings.map(\.key) == ["registry.void.mismatch"] && voidings.allSatisfy(\.isIndeterminate))
        }
        // It stays unknown after what is taken in all the same.
        run.compact.apply(note, statementDigest: Fixture.digest(30_001), leafHash: Life.leafHash(2))
        run.over[0].apply(note, statementDigest: Fixture.digest(30_001), leafHash: Life.leafHash(2))
        #expect(run.compact.agreement(id) == nil && run.over[0].agreement(id) == nil)
    }

    @Test("a copy of a state says that it knows nothing, once the archive has grown without it")
    func staleCopy() throws {
        var run = try Run(seed: 3)
        let copy = run.compact
        let (statement, digest) = try run.next()
        run.compact.apply(statement, statementDigest: digest, leafHash: Life.leafHash(1))
        let found = copy.violations(
            of: Statement(
                agreement: Run.ids[0], event: .agreementNoted(try Fixture.noted()), ledger: .registry(Life.firstLeaf),
                previous: nil, tree: TreeReference(root: Life.root(1), size: 1)),
            statementDigest: Fixture.digest(1), on: nil, publishedRoot: { _ in Life.root(1) })
        #expect(found.contains { $0.key == "agreement.state.unknown" && $0.isIndeterminate })
    }

    @Test("a long life is not read again at each of its events")
    func longLife() throws {
        var run = try Run(seed: 1)
        let ids = [try Fixture.agreement(), try Fixture.agreement("B"), try Fixture.agreement("C")]
        let count = 300
        func take(_ event: Event, _ id: AgreementID, _ previous: ContentDigest?) throws {
            let statement = Statement(
                agreement: id, event: event, ledger: .registry(Life.firstLeaf), previous: previous,
                tree: TreeReference(root: Life.root(1), size: 1))
            let index = run.compact.size
            let digest = Fixture.digest(30_000 + Int(index))
            run.entries.all.append(
                ArchivedEntry(leafHash: Life.leafHash(index), statement: statement, statementDigest: digest))
            run.compact.apply(statement, statementDigest: digest, leafHash: Life.leafHash(index))
        }
        for id in ids { try take(.agreementRegistered(Fixture.registered()), id, nil) }
        for step in 0..<count {
            try take(.agreementNoted(Fixture.noted()), ids[0], nil)
            if step % 10 == 0 { try take(.agreementNoted(Fixture.noted()), ids[1 + step / 10 % 2], nil) }
        }
        #expect(run.compact.agreement(ids[0])?.events.count == count)
        #expect(run.entries.readings < count * 2)
    }

    @Test("an archive that grows takes some ten bytes an agreement, however many were expected")
    func bytes() throws {
        let entries = Entries()
        let template = try Fixture.statement(.agreementRegistered(Fixture.registered()))
        for expected: Int64 in [0, 40_000, .max] {
            let archive = CompactArchive(expectedEntries: expected) { index throws(ArchiveFault) in
                try entries.entry(at: index)
            }
            var state = LedgerState(into: archive)
            let count = 40_000
            for number in 0..<count {
                let statement = Statement(
                    agreement: AgreementID("A-\(number)"), event: template.event, ledger: template.ledger,
                    previous: nil, tree: template.tree)
                let leafHash = Life.leafHash(Int64(number))
                let digest = Fixture.digest(number)
                entries.all.append(ArchivedEntry(leafHash: leafHash, statement: statement, statementDigest: digest))
                state.apply(statement, statementDigest: digest, leafHash: leafHash)
            }
            entries.all = []
            #expect(state.agreementCount == count)
            // Beside what a table has that nothing is in.
            #expect(archive.reservedBytes < (expected == .max ? 48 << 20 : count * 12 + 256 * 64), "\(expected)")
        }
        // Now and then two ids have one hash.
        #expect(entries.readings < 20)
    }
}
