import Agreements
import Testing

/// An agreement concluded on 2025-11-15; days are those of its life, not of its entries.
@Suite("Legal dates")
struct LegalDateTests {
    private func life(_ events: Event...) throws -> Life {
        var life = try Life()
        try life.add(.agreementRegistered(Fixture.registered()))
        for event in events { try life.add(event) }
        return life
    }

    private func on(_ text: String) throws -> EventDetails { EventDetails(date: try Fixture.date(text)) }

    private func inForce(_ text: String) throws -> Event { .agreementEnteredIntoForce(.init(try on(text))) }

    private func denounced(_ party: String = "UZ", notified: String?, effect: String?) throws -> Event {
        .agreementDenounced(
            .init(
                party: try Fixture.party(party), notified: try notified.map(Fixture.date),
                details: EventDetails(date: try effect.map(Fixture.date))))
    }

    private func withdrawn(_ party: String = "UZ", _ date: String? = nil) throws -> Event {
        .agreementDenunciationWithdrawn(
            .init(party: try Fixture.party(party), details: EventDetails(date: try date.map(Fixture.date))))
    }

    private func status(_ life: Life, _ day: String?) throws -> AgreementStatus {
        try #require(life.state.agreement(Fixture.agreement())).status(on: try day.map(Fixture.date))
    }

    private func keys(_ event: Event, in life: Life, on day: String? = nil) throws -> [String] {
        var judged = life
        judged.judgedDay = try day.map(Fixture.date)
        let head = life.state.agreement(try Fixture.agreement())?.head
        return judged.violations(of: try life.statement(event, previous: head)).map(\.key)
    }

    @Test("the status on a day is what the events up to that day make of it")
    func asOf() throws {
        let life = try life(
            .agreementAppliedProvisionally(.init(on("2026-01-01"))), inForce("2026-06-01"),
            .agreementSuspended(.init(on("2027-01-01"))), .agreementResumed(.init(on("2027-03-01"))),
            .agreementTerminated(.init(on("2030-01-01"))))
        let expected: [(String?, AgreementStatus)] = [
            ("2025-01-01", .signed), ("2025-12-31", .signed), ("2026-01-01", .provisionallyApplied),
            ("2026-05-31", .provisionallyApplied), ("2026-06-01", .inForce), ("2027-01-01", .suspended),
            ("2027-02-28", .suspended), ("2027-03-01", .inForce), ("2029-12-31", .inForce), ("2030-01-01", .ended),
            (nil, .ended),
        ]
        for (day, status) in expected { #expect(try self.status(life, day) == status, "\(day ?? "nil")") }
    }

    @Test("an event recorded late counts from its own day")
    func outOfOrder() throws {
        let life = try life(inForce("2026-06-01"), .agreementAppliedProvisionally(.init(on("2026-01-01"))))
        #expect(try status(life, "2026-03-01") == .provisionallyApplied)
        #expect(try status(life, "2026-06-01") == .inForce)
        // What was allowed then, and is cut off by what came to light later, does nothing.
        let cut = try self.life(
            inForce("2026-01-01"), .agreementSuspended(.init(on("2026-06-01"))),
            .agreementTerminated(.init(on("2026-03-01"))))
        #expect(try status(cut, "2026-02-28") == .inForce)
        #expect(try status(cut, "2026-06-01") == .ended)
        #expect(try status(cut, nil) == .ended)
    }

    @Test("an event without a date counts from the latest day that all parties signed: one party alone hands on none")
    func inheritedDates() throws {
        let note = AgreementNoted(party: try Fixture.party("UZ"), kind: .report, date: try Fixture.date("2050-01-01"))
        let consent = AgreementConsented(
            party: try Fixture.party("UZ"), means: .approval, date: try Fixture.date("9999-12-31"))
        let life = try life(.agreementConsented(consent), .agreementNoted(note), .agreementEnteredIntoForce(.init()))
        #expect(try status(life, "2025-11-14") == .signed)
        #expect(try status(life, "2025-11-15") == .inForce)
        let notified = try self.life(
            inForce("2026-01-01"), denounced(notified: "9999-01-01", effect: nil), .agreementSuspended(.init()))
        #expect(try status(notified, "2026-01-01") == .suspended)
        let late = try self.life(
            inForce("2026-06-01"), .agreementAmended(.init(details: on("2026-01-01"))), .agreementSuspended(.init()))
        #expect(try status(late, "2026-05-31") == .signed)
        #expect(try status(late, "2026-06-01") == .suspended)
    }

    @Test("a party's own day is handed on to its own events: a withdrawal without a date follows its denunciation")
    func ownDays() throws {
        var life = try life(inForce("2026-01-01"), denounced(notified: "2026-06-01", effect: nil), withdrawn())
        #expect(try status(life, "2026-05-31") == .inForce)
        #expect(try status(life, nil) == .inForce)
        try life.add(denounced(notified: "2026-07-01", effect: nil))
        try life.add(withdrawn("UZ", "2026-08-01"))
        try life.add(denounced(notified: nil, effect: nil))
        #expect(try status(life, "2026-07-31") == .denounced)
        #expect(try status(life, "2026-08-01") == .denounced)
        #expect(try status(life, nil) == .denounced)
        // Of the other party's it knows nothing.
        try life.add(denounced("KZ", notified: nil, effect: "2026-02-01"))
        #expect(try status(life, "2026-02-01") == .ended)
    }

    @Test("where no day is known, events count from the beginning")
    func noDates() throws {
        var life = try Life()
        let body = AgreementRegistered(
            title: nil, titleStatus: .unpublished, kind: .plan,
            parties: try ["KZ", "UZ"].map { AgreementParty(party: try Fixture.party($0)) }, concluded: Conclusion())
        try life.add(.agreementRegistered(body))
        try life.add(.agreementEnteredIntoForce(.init()))
        #expect(try status(life, "0001-01-01") == .inForce)
        try life.add(denounced(notified: nil, effect: "2026-12-31"))
        #expect(try status(life, "2026-12-30") == .denounced)
        #expect(try status(life, "2026-12-31") == .ended)
    }

    @Test("a denunciation ends the agreement from its day on, and without one never by itself")
    func denunciationEnds() throws {
        let life = try life(inForce("2026-01-01"), denounced(notified: "2026-06-01", effect: "2026-12-01"))
        #expect(try status(life, "2026-05-31") == .inForce)
        #expect(try status(life, "2026-06-01") == .denounced)
        #expect(try status(life, "2026-11-30") == .denounced)
        #expect(try status(life, "2026-12-01") == .ended)
        let ending = try #require(life.state.agreement(Fixture.agreement())?.standing(on: nil).ending)
        #expect(ending.cause == .denunciation)
        #expect(ending.party == (try Fixture.party("UZ")))
        #expect(ending.entry == 3)
        #expect(ending.date == (try Fixture.date("2026-12-01")))

        let open = try self.life(inForce("2026-01-01"), denounced(notified: "2026-06-01", effect: nil))
        #expect(try status(open, "9999-12-31") == .denounced)
        #expect(try status(open, nil) == .denounced)
    }

    @Test(
        "a notice does not name a day before itself; where it stands all the same, it ends nothing before it is given")
    func lateNotice() throws {
        var life = try life(inForce("2026-01-01"))
        let early = try denounced(notified: "2026-06-01", effect: "2026-05-31")
        #expect(try keys(early, in: life) == ["agreement.denunciation.effect"])
        #expect(try keys(denounced(notified: "2026-06-01", effect: "2026-06-01"), in: life) == [])
        // Without a day of its own, the notice is of the latest day that all parties signed.
        #expect(try keys(denounced(notified: nil, effect: "2025-12-31"), in: life) == ["agreement.denunciation.effect"])
        #expect(try keys(denounced(notified: nil, effect: "2026-01-01"), in: life) == [])
        life.apply(try life.statement(early, previous: life.state.agreement(Fixture.agreement())?.head))
        #expect(try status(life, "2026-05-31") == .inForce)
        #expect(try status(life, "2026-06-01") == .ended)
    }

    @Test("each party denounces once; withdrawn, it may again; the other's denunciation stands by itself")
    func denunciationsOfBoth() throws {
        var life = try life(inForce("2026-01-01"), denounced(notified: "2026-06-01", effect: "2027-06-01"))
        #expect(
            try keys(denounced(notified: "2026-07-01", effect: nil), in: life) == ["agreement.denunciation.repeated"])
        #expect(
            try keys(denounced(notified: "2026-03-01", effect: nil), in: life) == ["agreement.denunciation.repeated"])
        #expect(try keys(withdrawn("KZ", "2026-07-01"), in: life) == ["agreement.denunciation.unknown"])
        try life.add(denounced("KZ", notified: "2026-07-01", effect: "2027-01-01"))
        try life.add(withdrawn("UZ", "2026-08-01"))
        #expect(try status(life, "2026-08-01") == .denounced)
        #expect(try status(life, "2027-01-01") == .ended)
        try life.add(withdrawn("KZ", "2026-09-01"))
        #expect(try status(life, "2026-08-31") == .denounced)
        #expect(try status(life, "2026-09-01") == .inForce)
        #expect(try status(life, nil) == .inForce)
        #expect(try keys(denounced(notified: "2026-10-01", effect: nil), in: life) == [])
    }

    @Test("a withdrawal returns to what was denounced: a suspension stays one, in force or not beneath it")
    func returnsToWhatItStandsOn() throws {
        var life = try life(
            .agreementAppliedProvisionally(.init(on("2026-01-01"))), .agreementSuspended(.init(on("2026-02-01"))),
            denounced(notified: "2026-03-01", effect: nil), inForce("2026-04-01"))
        #expect(try status(life, "2026-05-01") == .denounced)
        try life.add(withdrawn("UZ", "2026-05-01"))
        #expect(try status(life, "2026-05-01") == .suspended)
        try life.add(.agreementResumed(.init(on("2026-06-01"))))
        #expect(try status(life, "2026-06-01") == .inForce)
    }

    @Test("a withdrawal is judged by the clock: it must be there before the denunciation takes effect")
    func withdrawalInTime() throws {
        let life = try life(inForce("2026-01-01"), denounced(notified: "2026-06-01", effect: "2026-12-01"))
        #expect(try keys(withdrawn(), in: life, on: "2026-11-30") == [])
        #expect(try keys(withdrawn("UZ", "2026-07-01"), in: life, on: "2026-11-30") == [])
        for late in ["2026-12-01", "2030-01-01"] {
            #expect(try keys(withdrawn(), in: life, on: late) == ["agreement.status.refused"])
            // Whatever day it gives itself.
            #expect(try keys(withdrawn("UZ", "2026-07-01"), in: life, on: late) == ["agreement.status.refused"])
        }
        #expect(try keys(withdrawn("UZ", "2026-12-01"), in: life, on: "2026-07-01") == ["agreement.status.refused"])
        #expect(try keys(withdrawn("UZ", "2026-05-31"), in: life, on: "2026-07-01") == ["agreement.status.refused"])
        // A listing has no clock.
        #expect(try keys(withdrawn(), in: life, on: nil) == [])
    }

    @Test("a party alone does not reach back behind an end that all have agreed on")
    func noDenunciationOfTheEnded() throws {
        let life = try life(inForce("2026-01-01"), .agreementTerminated(.init(on("2026-06-01"))))
        let notice = try denounced(notified: "2026-03-01", effect: "2026-04-01")
        #expect(
            try keys(notice, in: life, on: "2026-07-01")
                == ["agreement.denunciation.backdated", "agreement.status.refused"])
        #expect(try keys(notice, in: life, on: "2026-05-01") == [])
    }

    @Test("a party alone does not reach back behind what all parties have signed since")
    func noReachingBack() throws {
        var life = try life(
            inForce("2026-01-01"),
            .agreementExtended(.init(until: Fixture.date("2030-01-01"), details: on("2026-05-02"))),
            .agreementSuspended(.init(on("2026-06-01"))))
        let clock = "2026-09-01"
        let backdated = try denounced("KZ", notified: "2026-01-02", effect: "2026-01-03")
        #expect(try keys(backdated, in: life, on: clock) == ["agreement.denunciation.backdated"])
        #expect(
            try keys(denounced("KZ", notified: "2026-05-31", effect: "2027-01-01"), in: life, on: clock)
                == ["agreement.denunciation.backdated"])
        // A notice that was given then, and is registered late, takes nothing away.
        #expect(try keys(denounced("KZ", notified: "2026-06-01", effect: "2026-06-01"), in: life, on: clock) == [])
        // What is still to come does not bind it, and a listing does not know what that is.
        #expect(try keys(backdated, in: life, on: "2026-05-01") == [])
        #expect(try keys(backdated, in: life, on: nil) == [])
        // What the other party did alone stands in nobody's way.
        try life.add(denounced("UZ", notified: "2026-08-01", effect: nil))
        #expect(try keys(denounced("KZ", notified: "2026-06-15", effect: "2027-01-01"), in: life, on: clock) == [])

        try life.add(.agreementAmended(.init(details: on("2026-08-15"))))
        #expect(
            try keys(withdrawn("UZ", "2026-08-14"), in: life, on: clock) == ["agreement.denunciation.backdated"])
        #expect(try keys(withdrawn("UZ", "2026-08-15"), in: life, on: clock) == [])
        #expect(try keys(withdrawn("UZ"), in: life, on: clock) == [])

        let found = try #require(
            { () throws -> RuleViolation? in
                var judged = life
                judged.judgedDay = try Fixture.date(clock)
                let head = life.state.agreement(try Fixture.agreement())?.head
                return judged.violations(of: try life.statement(backdated, previous: head)).first
            }())
        #expect(
            found.message
                == "KZ alone cannot reach back to 2026-01-02: all parties of KZ-UZ-2025-06 have signed an event "
                + "of 2026-08-15")
        #expect(found.expected == "2026-08-15")
        #expect(found.actual == "2026-01-02")
    }

    @Test("an event without a date is allowed on the day that it takes, too")
    func undatedOnItsDay() throws {
        let life = try life(
            inForce("2026-01-01"), denounced(notified: "2026-03-01", effect: nil),
            .agreementAmended(.init(details: on("2026-06-01"))), withdrawn("UZ", "2026-07-01"))
        // It would count from June, when the agreement was denounced, and do nothing.
        #expect(try keys(.agreementSuspended(.init()), in: life, on: "2026-08-01") == ["agreement.status.refused"])
        #expect(try keys(.agreementSuspended(.init(on("2026-07-01"))), in: life, on: "2026-08-01") == [])
    }

    @Test("nothing changes or ends before it is concluded; in force it may be from an earlier day")
    func beforeTheConclusion() throws {
        let life = try life(inForce("2025-11-01"))
        let early = try on("2025-11-14")
        let refused: [Event] = [
            .agreementAmended(.init(details: early)), .agreementSuspended(.init(early)),
            .agreementExtended(.init(until: try Fixture.date("2030-01-01"), details: early)),
            .agreementTerminated(.init(early)), .agreementExpired(.init(early)),
            try denounced(notified: "2025-11-14", effect: "2026-11-14"),
        ]
        for event in refused { #expect(try keys(event, in: life) == ["agreement.date.early"], "\(event.name)") }
        let allowed: [Event] = [
            .agreementAppliedProvisionally(.init(early)), .agreementEnteredIntoForce(.init(early)),
            .agreementCorrected(AgreementCorrected([.field], from: try Fixture.registered(), details: early)),
            .agreementConsented(.init(party: try Fixture.party("UZ"), means: .approval, date: early.date)),
            .agreementNoted(.init(party: try Fixture.party("UZ"), kind: .report, date: early.date)),
            .agreementAmended(.init(details: try on("2025-11-15"))), .agreementAmended(.init()),
        ]
        for event in allowed { #expect(try keys(event, in: life) == [], "\(event.name)") }
    }

    @Test("an event without a date is judged by the day on which it is there")
    func undatedByTheClock() throws {
        let life = try life(inForce("2026-01-01"), denounced(notified: "2026-06-01", effect: "2026-12-01"))
        let amended = Event.agreementAmended(.init())
        #expect(try keys(amended, in: life, on: "2026-11-30") == [])
        #expect(try keys(amended, in: life, on: "2026-12-01") == ["agreement.status.refused"])
        // What happened before the end can be recorded after it.
        #expect(try keys(.agreementAmended(.init(details: on("2026-11-30"))), in: life, on: "2027-01-01") == [])
        #expect(
            try keys(.agreementAmended(.init(details: on("2026-12-01"))), in: life, on: "2026-07-01")
                == ["agreement.status.refused"])
    }

    @Test("a refusal says the status, since when, and what would be allowed")
    func message() throws {
        let life = try life(inForce("2026-01-01"), denounced(notified: "2026-06-01", effect: "2026-12-01"))
        let head = life.state.agreement(try Fixture.agreement())?.head
        let event = Event.agreementSuspended(.init(try on("2027-01-01")))
        let found = life.violations(of: try life.statement(event, previous: head))
        #expect(
            found.map(\.message) == [
                "KZ-UZ-2025-06 is ended by denunciation of UZ since 2026-12-01 on 2027-01-01, and agreement.suspended "
                    + "needs it to be provisionally-applied or in-force"
            ])
    }

    @Test("an agreement is not its own amendment")
    func ownAmendment() throws {
        let life = try life()
        let itself = Event.agreementAmended(.init(amendment: try Fixture.agreement()))
        #expect(try keys(itself, in: life) == ["agreement.amendment.itself"])
        #expect(try keys(.agreementAmended(.init(amendment: try Fixture.agreement("NOT-HERE"))), in: life) == [])
    }

    @Test("an extension changes the term in effect, a correction what it was from the beginning")
    func term() throws {
        var life = try life(inForce("2026-01-01"))
        func term() throws -> AgreementTerm? { try #require(life.state.agreement(Fixture.agreement())).term }
        #expect(try term()?.duration == "five years")
        try life.add(.agreementExtended(.init(until: Fixture.date("2035-01-01"))))
        #expect(
            try term()
                == AgreementTerm(duration: nil, renewal: "by five years", until: Fixture.date("2035-01-01")))
        try life.add(.agreementCorrected(Fixture.corrected([.term])))
        #expect(try term()?.renewal == "none")
        #expect(try term()?.until == (try Fixture.date("2035-01-01")))
    }

    @Test("a correction holds from the beginning: what took its day from the conclusion moves with it")
    func correctedConclusion() throws {
        var life = try life(.agreementEnteredIntoForce(.init()))
        #expect(try status(life, "2025-11-14") == .signed)
        try life.add(.agreementCorrected(Fixture.corrected([.concluded])))
        #expect(try status(life, "2025-11-14") == .inForce)
        #expect(try status(life, "2025-11-13") == .signed)
    }
}
