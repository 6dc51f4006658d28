import Agreements
import Testing

@Suite("Who must sign")
struct SignerRuleTests {
    @Test("exactly the parties that the event names must sign it")
    func requiredSigners() throws {
        var life = try Life()
        try life.add(.agreementRegistered(Fixture.registered()))
        let unilateral = [
            "agreement.consented", "agreement.noted", "agreement.denounced", "agreement.denunciation-withdrawn",
        ]
        let statements = try Fixture.statements()
        #expect(statements.count == 16)
        for statement in statements {
            let name = statement.event.name
            let expected =
                name.hasPrefix("registry.") ? ["KZ", "TJ", "UZ"] : unilateral.contains(name) ? ["UZ"] : ["KZ", "UZ"]
            let parties = try expected.map(Fixture.party)
            #expect(life.state.requiredSigners(of: statement) == Set(parties), "\(name)")
            #expect(life.state.signerViolations(of: statement, signers: parties).isEmpty)
        }
    }

    @Test("who must sign for an agreement that is not registered is not known, and nobody's signature is right")
    func unknownAgreement() throws {
        let statement = try Fixture.statement(.agreementTerminated(.init()))
        for signers in [[], [try Fixture.party("KZ"), try Fixture.party("UZ")]] as [[PartyID]] {
            let found = try Life().state.signerViolations(of: statement, signers: signers)
            #expect(found.map(\.key) == ["entry.signers.unknown"])
            #expect(found.map(\.isIndeterminate) == [true])
        }
    }

    @Test(
        "each departure from the required signers is a finding",
        arguments: [
            ([], ["missing", "missing"]), (["KZ"], ["missing"]), (["UZ"], ["missing"]), (["UZ", "KZ"], []),
            (["KZ", "UZ", "TJ"], ["unexpected"]), (["KZ", "UZ", "-"], ["unexpected"]),
            (["KZ", "-"], ["unexpected", "missing"]), (["KZ", "KZ"], ["missing", "repeated"]),
            (["KZ", "KZ", "UZ"], ["repeated"]), (["TJ", "TJ", "KZ", "UZ"], ["unexpected", "repeated"]),
            (["-", "-"], ["unexpected", "unexpected", "missing", "missing"]),
        ] as [([String], [String])])
    func departures(_ signers: [String], _ keys: [String]) throws {
        let statement = try Fixture.statement(.agreementRegistered(Fixture.registered()))
        let found = LedgerState().signerViolations(of: statement, signers: signers.map { PartyID($0) })
        #expect(found.map(\.key) == keys.map { "entry.signers.\($0)" })
        #expect(found.allSatisfy { !$0.isIndeterminate })
    }
}
