import Agreements
import Testing

@Suite("Rules of the ledger")
struct LedgerRuleTests {
    /// A ledger with one agreement, and its head.
    private func registeredLife() throws -> (life: Life, head: ContentDigest) {
        var life = try Life()
        try life.add(.agreementRegistered(Fixture.registered()))
        return (life, try #require(life.state.agreement(Fixture.agreement())?.head))
    }

    private func only(_ violations: [RuleViolation], _ key: String) throws -> RuleViolation {
        #expect(violations.map(\.key) == [key])
        return try #require(violations.first)
    }

    @Test("entry 0 must establish the registry")
    func firstEntry() throws {
        let note = try Fixture.statement(.agreementNoted(Fixture.noted()))
        let found = LedgerState().violations(
            of: note, statementDigest: Fixture.digest(7), on: nil, publishedRoot: { _ in nil })
        #expect(
            found.map(\.key) == [
                "event.order", "statement.ledger.mismatch", "statement.tree.unknown", "agreement.unknown",
            ])
        #expect(found.first?.expected == "registry.established")
    }

    @Test("only entry 0 may establish the registry")
    func onlyFirstEntry() throws {
        let life = try Life()
        let again = try Statement.checked(
            agreement: nil, event: .registryEstablished(Fixture.established()), ledger: .origin(Fixture.origin),
            previous: Life.firstLeaf, tree: nil)
        #expect(life.violations(of: again).map(\.key) == ["event.order", "statement.ledger.mismatch"])
    }

    @Test("entry 0 names the origin that its body names")
    func originMatches() throws {
        let other = try Statement.checked(
            agreement: nil, event: .registryEstablished(Fixture.established()), ledger: .origin("example.com/other"),
            previous: nil, tree: nil)
        let found = LedgerState().violations(
            of: other, statementDigest: Fixture.digest(7), on: nil, publishedRoot: { _ in nil })
        let violation = try only(found, "statement.ledger.mismatch")
        #expect(violation.expected == Fixture.origin)
        #expect(violation.actual == "example.com/other")
    }

    @Test("entry 0 has no previous entry")
    func firstHasNoPrevious() throws {
        let late = try Statement.checked(
            agreement: nil, event: .registryEstablished(Fixture.established()), ledger: .origin(Fixture.origin),
            previous: Fixture.digest(5), tree: nil)
        let found = LedgerState().violations(
            of: late, statementDigest: Fixture.digest(7), on: nil, publishedRoot: { _ in nil })
        #expect(try only(found, "statement.previous.mismatch").expected == "null")
    }

    @Test("a statement for another ledger is refused")
    func otherLedger() throws {
        let life = try Life()
        let statement = try Statement.checked(
            agreement: Fixture.agreement(), event: .agreementRegistered(Fixture.registered()),
            ledger: .registry(Fixture.digest(77)), previous: nil, tree: TreeReference(root: Life.root(1), size: 1))
        let violation = try only(life.violations(of: statement), "statement.ledger.mismatch")
        #expect(violation.expected == Life.firstLeaf.text)
        #expect(violation.actual == Fixture.digest(77).text)
    }

    @Test("a ledger whose entry 0 is of no effect has no identity that a statement could name")
    func noIdentity() throws {
        var state = LedgerState()
        state.skip()
        let statement = try Fixture.statement(.agreementRegistered(Fixture.registered(documents: [])))
        let found = state.violations(
            of: statement, statementDigest: Fixture.digest(7), on: nil, publishedRoot: { _ in Fixture.digest(2) })
        #expect(
            found.map(\.key) == ["statement.ledger.mismatch", "agreement.party.unknown", "agreement.party.unknown"])
    }

    @Test("a statement that the ledger has is refused with the index that has it")
    func duplicate() throws {
        let (life, head) = try registeredLife()
        let statement = try life.statement(.agreementNoted(Fixture.noted()), previous: head)
        let found = life.violations(of: statement, digest: Life.statementDigest(1))
        #expect(try only(found, "statement.duplicate").message.contains("entry 1"))
    }

    @Test("the tree must be a published checkpoint of what came before")
    func tree() throws {
        var (life, _) = try registeredLife()
        life.skip()
        func keys(_ size: Int64, _ root: ContentDigest) throws -> [String] {
            let statement = try Statement.checked(
                agreement: Fixture.agreement("N"), event: .agreementRegistered(Fixture.registered()),
                ledger: .registry(Life.firstLeaf), previous: nil, tree: TreeReference(root: root, size: size))
            return life.violations(of: statement).map(\.key)
        }
        #expect(try keys(2, Life.root(2)) == [])
        #expect(try keys(3, Life.root(3)) == ["statement.tree.unknown"])
        #expect(try keys(4, Life.root(4)) == ["statement.tree.unknown"])
        #expect(try keys(2, Life.root(1)) == ["statement.tree.mismatch"])
    }

    @Test("a tree that is larger than the ledger is refused even if someone published one")
    func treeOfTheFuture() throws {
        let life = try Life()
        let statement = try Statement.checked(
            agreement: Fixture.agreement(), event: .agreementRegistered(Fixture.registered()),
            ledger: .registry(Life.firstLeaf), previous: nil, tree: TreeReference(root: Life.root(2), size: 2))
        #expect(try only(life.violations(of: statement), "statement.tree.unknown").actual == "2")
    }

    @Test("each step names the last one of the same agreement")
    func previous() throws {
        let (life, head) = try registeredLife()
        for event in [
            try Event.agreementConsented(Fixture.consented()), try Event.agreementNoted(Fixture.noted()),
        ] {
            #expect(life.violations(of: try life.statement(event, previous: head)).isEmpty)
            for wrong in [nil, Life.firstLeaf, Fixture.digest(900)] {
                let found = life.violations(of: try life.statement(event, previous: wrong))
                let violation = try only(found, "statement.previous.mismatch")
                #expect(violation.expected == head.text)
                #expect(violation.actual == (wrong?.text ?? "null"))
            }
        }
        let first = try life.statement(.agreementRegistered(Fixture.registered()), agreement: "N", previous: head)
        #expect(try only(life.violations(of: first), "statement.previous.mismatch").expected == "null")
    }

    @Test("an id is used once")
    func usedID() throws {
        let (life, _) = try registeredLife()
        let again = try life.statement(.agreementRegistered(Fixture.registered()), previous: nil)
        #expect(try only(life.violations(of: again), "agreement.id.used").message.contains("entry 1"))
    }

    @Test("nothing happens to an agreement that is not registered")
    func unknownAgreement() throws {
        let (life, head) = try registeredLife()
        for event in [
            try Event.agreementConsented(Fixture.consented()), try Event.agreementNoted(Fixture.noted()),
        ] {
            let statement = try life.statement(event, agreement: "X", previous: head)
            #expect(try only(life.violations(of: statement), "agreement.unknown").actual == "X")
        }
    }

    @Test("the parties of an agreement are parties of the registry")
    func partiesOfRegistry() throws {
        let life = try Life()
        let body = try Fixture.registered(documents: [], parties: ["KG", "KZ", "TM"])
        let found = life.violations(of: try life.statement(.agreementRegistered(body), previous: nil))
        #expect(found.map(\.key) == ["agreement.party.unknown", "agreement.party.unknown"])
        #expect(found.map(\.actual) == ["KG", "TM"])
        #expect(found.first?.expected == "KZ, TJ, UZ")
    }

    @Test("who consents or notes is a party of the agreement, not only of the registry")
    func partyOfAgreement() throws {
        let (life, head) = try registeredLife()
        for event in [
            try Event.agreementConsented(Fixture.consented(by: "TJ")),
            try Event.agreementNoted(Fixture.noted(by: "TJ")),
        ] {
            let found = life.violations(of: try life.statement(event, previous: head))
            #expect(try only(found, "agreement.party.unknown").expected == "KZ, UZ")
        }
    }

    @Test("the keeper of a document is a party of the agreement")
    func keeper() throws {
        let (life, head) = try registeredLife()
        let documents = [try Fixture.document(keeper: "TJ"), try Fixture.document("b.pdf", keeper: nil)]
        let events: [(Event, String)] = [
            (.agreementRegistered(try Fixture.registered(documents: documents)), "N"),
            (.agreementConsented(try Fixture.consented(documents: documents)), "KZ-UZ-2025-06"),
            (.agreementNoted(try Fixture.noted(documents: documents)), "KZ-UZ-2025-06"),
        ]
        for (event, id) in events {
            let statement = try life.statement(event, agreement: id, previous: id == "N" ? nil : head)
            #expect(try only(life.violations(of: statement), "document.keeper.unknown").actual == "TJ")
        }
    }

    @Test("a party consents once")
    func consentsOnce() throws {
        var (life, _) = try registeredLife()
        try life.add(.agreementConsented(Fixture.consented(by: "UZ")))
        let head = try #require(life.state.agreement(Fixture.agreement())?.head)
        let again = try life.statement(.agreementConsented(Fixture.consented(by: "UZ")), previous: head)
        #expect(try only(life.violations(of: again), "agreement.consent.repeated").message.contains("entry 2"))
    }

    @Test("all faults of a statement are reported, not the first one")
    func reportsAll() throws {
        var (life, _) = try registeredLife()
        try life.add(.agreementConsented(Fixture.consented(by: "UZ")))
        let statement = try Statement.checked(
            agreement: Fixture.agreement(),
            event: .agreementConsented(Fixture.consented(by: "UZ", documents: [Fixture.document(keeper: "TJ")])),
            ledger: .registry(Fixture.digest(77)), previous: nil, tree: TreeReference(root: Life.root(1), size: 99))
        let found = life.violations(of: statement, digest: Life.statementDigest(0))
        #expect(
            found.map(\.key) == [
                "statement.ledger.mismatch", "statement.duplicate", "statement.tree.unknown",
                "statement.previous.mismatch", "document.keeper.unknown", "agreement.consent.repeated",
            ])
        #expect(found.allSatisfy { !$0.isIndeterminate })
    }
}
