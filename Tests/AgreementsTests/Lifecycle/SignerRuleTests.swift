import Agreements
import Testing

@Suite("Who must sign")
struct SignerRuleTests {
    @Test("exactly the parties that the event names must sign it")
    func requiredSigners() throws {
        let expected = [["KZ", "TJ", "UZ"], ["KZ", "UZ"], ["UZ"], ["UZ"]]
        for (statement, parties) in zip(try Fixture.statements(), expected) {
            let required = LedgerState().requiredSigners(of: statement)
            #expect(required == Set(try parties.map(Fixture.party)), "\(statement.event.name)")
            #expect(LedgerState().signerViolations(of: statement, signers: try parties.map(Fixture.party)).isEmpty)
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
