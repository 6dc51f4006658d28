import Agreements
import Testing

@Suite("Voiding")
struct VoidingTests {
    private func registeredLife() throws -> Life {
        var life = try Life()
        try life.add(.agreementRegistered(Fixture.registered()))
        return life
    }

    private func keys(_ entry: Int64, in life: Life, leafHash: ContentDigest? = nil) throws -> [String] {
        life.violations(of: try life.voiding(entry, leafHash: leafHash)).map(\.key)
    }

    private func agreement(_ life: Life) throws -> AgreementState? { life.state.agreement(try Fixture.agreement()) }

    @Test("after voiding its last entry an agreement is exactly what it was before that entry")
    func restores() throws {
        var events = try Fixture.steps()
        events.removeAll { event in ["agreement.resumed", "agreement.denunciation-withdrawn"].contains(event.name) }
        events += [.agreementConsented(try Fixture.consented()), .agreementNoted(try Fixture.noted())]
        for event in events {
            var life = try registeredLife()
            try life.add(.agreementEnteredIntoForce(.init()))
            let before = try agreement(life)
            // One that the denunciation of 2030 still finds in force.
            try life.add(event)
            #expect(try agreement(life) != before)
            try life.void(3)
            #expect(try agreement(life) == before, "\(event.name)")
            #expect(life.state.voidedEntries == [3: 4])
            #expect(!life.state.isOfEffect(3))
            #expect(life.state.isOfEffect(2) && life.state.isOfEffect(4))
        }
    }

    @Test("resumption and withdrawal are taken back, and what they had ended is there again")
    func restoresWhatWasEnded() throws {
        let party = try Fixture.party("UZ")
        for pair: [Event] in [
            [.agreementSuspended(.init()), .agreementResumed(.init())],
            [.agreementDenounced(.init(party: party)), .agreementDenunciationWithdrawn(.init(party: party))],
        ] {
            var life = try registeredLife()
            try life.add(.agreementEnteredIntoForce(.init()))
            try life.add(pair[0])
            let before = try agreement(life)
            try life.add(pair[1])
            #expect(try agreement(life)?.status(on: nil) == .inForce)
            try life.void(4)
            #expect(try agreement(life) == before)
        }
    }

    @Test("the latest first: an entry that something rests on is not voided")
    func latestFirst() throws {
        var life = try registeredLife()
        try life.add(.agreementNoted(Fixture.noted()))
        try life.add(.agreementEnteredIntoForce(.init()))
        try life.add(.agreementAmended(.init()))
        let violation = try #require(life.violations(of: life.voiding(3)).first)
        #expect(violation.key == "registry.void.order")
        #expect(violation.expected == "4")
        #expect(try keys(1, in: life) == ["registry.void.order"])
        // A note at any time.
        #expect(try keys(2, in: life) == [])
        try life.void(4)
        #expect(try keys(1, in: life) == ["registry.void.order"])
        try life.void(3)
        // A note that is left keeps the registration.
        #expect(try keys(1, in: life) == ["registry.void.order"])
        try life.void(2)
        #expect(try keys(1, in: life) == [])
    }

    @Test("a voided registration frees its id, and the id can be registered again")
    func freesID() throws {
        var life = try registeredLife()
        try life.add(.agreementRegistered(Fixture.registered()), agreement: "A")
        try life.void(1)
        #expect(try agreement(life) == nil)
        #expect(life.state.agreements.map(\.id.text) == ["A"])
        let late = try life.statement(.agreementTerminated(.init()), previous: Life.leafHash(1))
        #expect(life.violations(of: late).map(\.key) == ["agreement.unknown"])
        try life.add(.agreementRegistered(Fixture.registered()))
        #expect(life.state.agreements.map(\.id.text) == ["A", "KZ-UZ-2025-06"])
        #expect(try agreement(life)?.entryIndices == [4])
    }

    @Test("the statement of a voided entry stays used")
    func statementStaysUsed() throws {
        var life = try registeredLife()
        try life.void(1)
        let again = try life.statement(.agreementRegistered(Fixture.registered()), previous: nil)
        #expect(life.violations(of: again, digest: Life.statementDigest(1)).map(\.key) == ["statement.duplicate"])
    }

    @Test("which entries cannot be voided at all")
    func targets() throws {
        var life = try registeredLife()
        #expect(try keys(0, in: life) == ["registry.void.refused"])
        #expect(try keys(2, in: life) == ["registry.void.unknown"])
        #expect(try keys(9000, in: life) == ["registry.void.unknown"])
        #expect(try keys(1, in: life, leafHash: Fixture.digest(77)) == ["registry.void.mismatch"])
        try life.void(1)
        #expect(try keys(1, in: life) == ["registry.void.repeated"])
        #expect(try keys(2, in: life) == ["registry.void.refused"])
    }

    @Test("a bad entry can be voided, which says that it is dealt with")
    func badEntry() throws {
        var life = try registeredLife()
        life.skip()
        try life.add(.agreementEnteredIntoForce(.init()))
        let before = life.state
        #expect(!before.isOfEffect(2))
        try life.void(2)
        #expect(life.state.voidedEntries == [2: 4])
        #expect(life.state.agreements == before.agreements)
    }

    @Test("an entry that could not be read cannot be judged, so that voiding it is indeterminate")
    func unreadable() throws {
        var state = try registeredLife().state
        state.skip()
        let statement = try registeredLife().voiding(2)
        let found = state.violations(
            of: statement, statementDigest: Fixture.digest(7000), on: nil, publishedRoot: { Life.root($0) })
        #expect(found.map(\.key) == ["registry.void.mismatch"])
        #expect(found.map(\.isIndeterminate) == [true])
    }

    @Test("voidings are steps of the registry's own life, of which each names the last")
    func advancesRegistryHead() throws {
        var life = try registeredLife()
        let rival = try life.voiding(1)
        try life.add(.agreementNoted(Fixture.noted()))
        try life.void(2)
        #expect(life.state.registryHead == Life.leafHash(3))
        #expect(life.violations(of: rival).map(\.key) == ["statement.previous.mismatch"])
    }

    @Test("an entry of an unknown version can be voided, and the agreement is known again")
    func unknownVersion() throws {
        var life = try registeredLife()
        let before = try agreement(life)
        let invented = Statement(
            agreement: try Fixture.agreement(), event: .unrecognised(name: "agreement.invented", body: .null),
            ledger: .registry(Life.firstLeaf), previous: before?.head,
            tree: TreeReference(root: Life.root(1), size: 1), version: 2)
        life.apply(invented)
        #expect(try agreement(life)?.unrecognisedEntries == [2])
        try life.void(2)
        #expect(try agreement(life) == before)
    }
}
