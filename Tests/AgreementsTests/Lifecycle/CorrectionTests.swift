import Testing

@testable import Agreements

@Suite("Corrections")
struct CorrectionTests {
    private func state(_ corrections: AgreementCorrected...) throws -> AgreementState {
        var life = try Life()
        try life.add(.agreementRegistered(Fixture.registered()))
        for correction in corrections { try life.add(.agreementCorrected(correction)) }
        return try #require(life.state.agreement(Fixture.agreement()))
    }

    private func members(_ registration: AgreementRegistered) throws -> [String: CanonicalJSON] {
        guard case .object(let members) = registration.json else { return [:] }
        return Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
    }

    @Test(
        "a field is corrected, all others stay, and what was signed stays readable",
        arguments: AgreementCorrected.Field.allCases)
    func oneField(_ field: AgreementCorrected.Field) throws {
        let state = try state(Fixture.corrected([field]))
        #expect(state.registrationAsSigned == (try Fixture.registered()))
        let before = try members(Fixture.registered())
        let after = try members(state.registration)
        #expect(before.keys.sorted() == after.keys.sorted())
        #expect(before.keys.filter { before[$0] != after[$0] } == [field.text])
    }

    @Test("of two corrections of a field the later one holds")
    func laterHolds() throws {
        let again = AgreementCorrected([.title, .binding], from: try Fixture.registered())
        let state = try state(Fixture.corrected(), again)
        #expect(state.registration.title == (try Fixture.registered().title))
        #expect(state.registration.binding == true)
        #expect(state.registration.field == "rivers")
    }

    @Test("a corrected registration obeys the rules of one that was registered")
    func obeysForm() throws {
        let registration = try state(Fixture.corrected()).registration
        #expect(try AgreementRegistered(registration.json) == registration)
        #expect(registration.parties == (try Fixture.registered().parties))
        #expect(registration.documents == (try Fixture.registered().documents))
    }

    private func error(_ fields: String) throws -> StatementError? {
        let whole = """
            {"agreement":"A","body":{"date":null,"documents":[],"fields":\(fields),"notes":null,"sources":[]},\
            "event":"agreement.corrected","expires":null,"ledger":"\(Fixture.digest(1))","previous":null,\
            "tree":{"root":"\(Fixture.digest(2))","size":1},"version":1}
            """
        do throws(StatementError) {
            _ = try Statement(canonicalBytes: Array(whole.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test("what the fields of a correction may be")
    func form() throws {
        #expect(try error(#"{"binding":null,"title":{"en":"A"}}"#) == nil)
        let faults: [(String, StatementError)] = [
            ("{}", StatementError("must correct at least one field", at: "body.fields")),
            ("[]", StatementError("a list where an object was expected", at: "body.fields")),
            (#"{"parties":[]}"#, StatementError("cannot be corrected", at: "body.fields.parties")),
            (#"{"documents":[]}"#, StatementError("cannot be corrected", at: "body.fields.documents")),
            (#"{"colour":"red"}"#, StatementError("unknown key", at: "body.fields.colour")),
            (#"{"title":{}}"#, StatementError("must have a text in at least one language", at: "body.fields.title")),
            (#"{"languages":[]}"#, StatementError("must have at least 1 element", at: "body.fields.languages")),
            (#"{"kind":null}"#, StatementError("null where a string was expected", at: "body.fields.kind")),
            (
                #"{"concluded":{"basis":null,"date":"2025-02-30","place":null}}"#,
                StatementError("not \(CalendarDate.expectation)", at: "body.fields.concluded.date")
            ),
            (
                #"{"relations":[{"agreement":"X","relation":"amends"},{"agreement":"X","relation":"amends"}]}"#,
                StatementError(
                    "amends X is already in the list", at: "body.fields.relations[1]", isRepetition: true)
            ),
        ]
        for (fields, fault) in faults { #expect(try error(fields) == fault, "\(fields)") }
    }

    @Test("an extension names a day or a duration")
    func extensionForm() throws {
        #expect(throws: StatementError("must not be null when duration is", at: "body.until")) {
            try Fixture.statement(.agreementExtended(.init(until: nil)))
        }
        #expect(throws: Never.self) { try Fixture.statement(.agreementExtended(.init(until: nil, duration: "a year"))) }
    }
}
