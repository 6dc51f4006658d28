import Agreements
import Testing

@Suite("The life of a ledger")
struct LedgerFoldTests {
    @Test("a small life: registered, consented by both, noted")
    func smallLife() throws {
        var life = try Life()
        #expect(life.state.size == 1)
        #expect(life.state.identity == Life.firstLeaf)
        #expect(life.state.registryHead == Life.firstLeaf)
        #expect(life.state.registry?.constitution == (try Fixture.established().constitution))

        try life.add(.agreementRegistered(Fixture.registered()))
        try life.add(.agreementRegistered(Fixture.registered(parties: ["KZ", "TJ"])), agreement: "A")
        try life.add(.agreementConsented(Fixture.consented(by: "UZ")))
        try life.add(.agreementNoted(Fixture.noted(by: "KZ")))
        try life.add(.agreementConsented(Fixture.consented(by: "KZ")))
        try life.add(.agreementNoted(Fixture.noted(by: "KZ")))

        let id = try Fixture.agreement()
        let agreement = try #require(life.state.agreement(id))
        #expect(agreement.id == id)
        #expect(agreement.registration == (try Fixture.registered()))
        #expect(agreement.status(on: nil) == .signed)
        #expect(agreement.entryIndices == [1, 3, 4, 5, 6])
        #expect(agreement.consents.mapValues(\.entry) == [try Fixture.party("UZ"): 3, try Fixture.party("KZ"): 5])
        #expect(agreement.notes.map(\.entry) == [4, 6])
        #expect(agreement.head == Life.leafHash(5))
        #expect(life.state.agreements.map(\.id.text) == ["KZ-UZ-2025-06", "A"])
        #expect(life.state.agreement(try Fixture.agreement("A"))?.entryIndices == [2])
        #expect(life.state.size == 7)
        #expect(life.state.registryHead == Life.firstLeaf)
        for index in Int64(0)..<7 {
            let agreement = index == 0 ? nil : try Fixture.agreement(index == 2 ? "A" : "KZ-UZ-2025-06")
            #expect(try life.state.index(ofStatement: Life.statementDigest(index), agreement: agreement) == index)
        }
    }

    @Test("two notes may name the same previous entry, two consents may not")
    func notesDoNotAdvance() throws {
        var life = try Life()
        try life.add(.agreementRegistered(Fixture.registered()))
        let head = life.state.agreement(try Fixture.agreement())?.head
        let note = try life.statement(.agreementNoted(Fixture.noted()), previous: head)
        life.apply(note)
        #expect(life.violations(of: note).isEmpty)
        let consent = try life.statement(.agreementConsented(Fixture.consented(by: "KZ")), previous: head)
        life.apply(consent)
        let rival = try life.statement(.agreementConsented(Fixture.consented(by: "UZ")), previous: head)
        #expect(life.violations(of: rival).map(\.key) == ["statement.previous.mismatch"])
    }

    @Test("an entry without effect keeps its index, and nothing else")
    func skips() throws {
        var life = try Life()
        let before = life.state
        life.skip()
        #expect(life.state.size == 2)
        #expect(life.state.agreements == before.agreements)
        #expect(try life.state.index(ofStatement: Life.statementDigest(life.state.size - 1), agreement: nil) == nil)
        #expect(life.state.registryHead == before.registryHead)
        life.skip(statementDigest: Life.statementDigest(2))
        let next = try life.statement(.agreementRegistered(Fixture.registered()), previous: nil)
        #expect(life.violations(of: next, digest: Life.statementDigest(2)).map(\.key) == ["statement.duplicate"])
        try life.add(.agreementRegistered(Fixture.registered()))
        #expect(life.state.agreement(try Fixture.agreement())?.entryIndices == [3])
    }

    @Test("statements that no rule allows do not break the state when they are applied")
    func survivesBadEntries() throws {
        var life = try Life()
        let first = try #require(try Fixture.statements().first)
        for statement in [first] + (try Fixture.statements().reversed()) + (try Fixture.statements()) {
            life.apply(statement)
        }
        #expect(life.state.size == Int64(2 + 2 * (try Fixture.statements().count)))
        #expect(life.state.identity == Life.firstLeaf)
        #expect(life.state.agreementCount == 1)
        #expect(life.state.agreements.count == 1)
    }

    @Test("a state of many entries is kept without being copied")
    func staysCheap() throws {
        var life = try Life()
        try life.add(.agreementRegistered(Fixture.registered()))
        let note = try life.statement(
            .agreementNoted(Fixture.noted()), previous: life.state.agreement(Fixture.agreement())?.head)
        var state = life.state
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            for number in 0..<20_000 {
                let digest = Fixture.digest(number)
                state.apply(note, statementDigest: digest, leafHash: digest)
            }
        }
        #expect(state.size == 20_002)
        // Copying what came before would be 200 million steps: minutes in a debug build.
        #expect(elapsed < .seconds(20))
    }
}
