import Agreements
import Testing

@Suite("Statements of an unknown version")
struct UnknownVersionTests {
    private func versionTwo(_ event: Event, previous: ContentDigest? = nil) throws -> [UInt8] {
        try Fixture.statement(event, previous: previous).canonicalBytes
            .replacing("\"version\":1", with: "\"version\":2")
    }

    @Test("what places it in the ledger is read, and its bytes are kept")
    func readsFrame() throws {
        let bytes = try versionTwo(.agreementNoted(Fixture.noted()), previous: Fixture.digest(9))
            .replacing("\"body\":{", with: "\"body\":{\"a\":[\"\",7],")
            .replacing("\"version\":2", with: "\"version\":2,\"zone\":{\"new\":\"\"}")
        let statement = try Statement(canonicalBytes: bytes)
        #expect(statement.version == 2)
        #expect(statement.canonicalBytes == bytes)
        #expect(statement.agreement == (try Fixture.agreement()))
        #expect(statement.event.name == "agreement.noted")
        #expect(statement.ledger == .registry(Fixture.digest(1)))
        #expect(statement.previous == Fixture.digest(9))
        #expect(statement.tree == TreeReference(root: Fixture.digest(2), size: 1))
        #expect(statement.expires != nil)
        #expect(try statement.validated() == statement)
        guard case .unrecognised = statement.event else {
            Issue.record("an event of version 2 was read as one of version 1")
            return
        }
    }

    @Test("an event that version 1 does not have is taken, and expires need not be there")
    func readsUnknownEvent() throws {
        let bytes = try versionTwo(.agreementNoted(Fixture.noted()))
            .replacing("agreement.noted", with: "agreement.invented")
            .replacing("\"expires\":\"2027-01-15T08:00:00Z\",", with: "")
        let statement = try Statement(canonicalBytes: bytes)
        #expect(statement.event.name == "agreement.invented")
        #expect(statement.expires == nil)
        #expect(statement.canonicalBytes == bytes)
    }

    @Test(
        "a fault in what places it in the ledger is refused",
        arguments: [
            ("\"KZ-UZ-2025-06\"", "7", "agreement"), ("\"agreement.noted\"", "\"\"", "event"),
            ("\"event\":\"agreement.noted\",", "", "event"), ("\"previous\":null", "\"previous\":false", "previous"),
            ("\"ledger\":\"sha256:", "\"ledger\":\"", "ledger"), ("\"size\":1}", "\"size\":0}", "tree.size"),
            ("\"size\":1}", "\"size\":1,\"time\":1}", "tree.time"), ("\"tree\":{", "\"trees\":{", "tree"),
            ("\"body\":", "\"bode\":", "body"), ("\"version\":2", "\"version\": 2", ""),
        ])
    func refusesFaults(_ old: String, _ new: String, _ keyPath: String) throws {
        let bytes = try versionTwo(.agreementNoted(Fixture.noted())).replacing(old, with: new)
        let error = try #require(throws: StatementError.self) { try Statement(canonicalBytes: bytes) }
        #expect(error.keyPath == keyPath, "\(error)")
    }

    @Test("it is indeterminate, and so is what follows in the same agreement, but not in others")
    func isIndeterminate() throws {
        var life = try Life()
        try life.add(.agreementRegistered(Fixture.registered()))
        try life.add(.agreementRegistered(Fixture.registered()), agreement: "B")
        let head = try #require(life.state.agreement(Fixture.agreement())?.head)

        let bytes = try life.statement(.agreementNoted(Fixture.noted()), previous: head).canonicalBytes
            .replacing("agreement.noted", with: "agreement.invented")
            .replacing("\"version\":1", with: "\"version\":2")
        let invented = try Statement(canonicalBytes: bytes)
        let found = life.violations(of: invented)
        #expect(found.map(\.key) == ["statement.version.unknown"])
        #expect(found.map(\.isIndeterminate) == [true])
        #expect(life.state.requiredSigners(of: invented).isEmpty)
        let signers = life.state.signerViolations(of: invented, signers: [])
        #expect(signers.map(\.key) == ["entry.signers.unknown"])
        #expect(signers.map(\.isIndeterminate) == [true])

        life.apply(invented)
        let newHead = try #require(life.state.agreement(Fixture.agreement())?.head)
        #expect(newHead != head)
        let next = try life.statement(.agreementConsented(Fixture.consented()), previous: newHead)
        #expect(life.violations(of: next).map(\.key) == ["agreement.state.unknown"])
        #expect(life.violations(of: next).map(\.isIndeterminate) == [true])
        let stale = try life.statement(.agreementConsented(Fixture.consented()), previous: head)
        #expect(life.violations(of: stale).contains { $0.key == "statement.previous.mismatch" && !$0.isIndeterminate })
        let other = try life.statement(
            .agreementConsented(Fixture.consented()), agreement: "B",
            previous: life.state.agreement(Fixture.agreement("B"))?.head)
        #expect(life.violations(of: other).isEmpty)
    }

    @Test("an agreement that was registered by one has a life whose order is checked")
    func unrecognisedRegistration() throws {
        var life = try Life()
        let bytes = try life.statement(.agreementRegistered(Fixture.registered()), previous: nil).canonicalBytes
            .replacing("\"version\":1", with: "\"version\":2")
        let registration = try Statement(canonicalBytes: bytes)
        #expect(life.violations(of: registration).map(\.key) == ["statement.version.unknown"])
        life.apply(registration)
        let agreement = try #require(life.state.unrecognisedAgreement(Fixture.agreement()))
        #expect(agreement.entryIndices == [1])
        let next = try life.statement(.agreementConsented(Fixture.consented()), previous: agreement.head)
        #expect(life.violations(of: next).map(\.key) == ["agreement.state.unknown"])
        let stale = try life.statement(.agreementConsented(Fixture.consented()), previous: nil)
        #expect(life.violations(of: stale).map(\.key) == ["statement.previous.mismatch", "agreement.state.unknown"])
        let again = try life.statement(.agreementRegistered(Fixture.registered()), previous: nil)
        #expect(life.violations(of: again).map(\.key).contains("agreement.id.used"))
    }

    @Test("one of the registry's own makes all that follows indeterminate")
    func unrecognisedRegistryEvent() throws {
        var life = try Life()
        let bytes = try life.statement(.agreementNoted(Fixture.noted()), previous: life.state.identity)
            .canonicalBytes.replacing("\"KZ-UZ-2025-06\"", with: "null")
            .replacing("agreement.noted", with: "registry.invented")
            .replacing("\"version\":1", with: "\"version\":2")
        let invented = try Statement(canonicalBytes: bytes)
        #expect(life.violations(of: invented).map(\.key) == ["statement.version.unknown"])
        life.apply(invented)
        let next = try life.statement(.agreementRegistered(Fixture.registered()), previous: nil)
        #expect(life.violations(of: next).map(\.key) == ["registry.state.unknown"])
        let strange = try life.statement(
            .agreementRegistered(Fixture.registered(documents: [], parties: ["KZ", "XX"])), previous: nil)
        #expect(life.violations(of: strange).map(\.isIndeterminate) == [true, true])
    }
}
