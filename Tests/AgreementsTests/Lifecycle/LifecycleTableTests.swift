import Agreements
import Foundation
import Support
import Testing

/// The table of `docs/lifecycle.md`, once more by hand: every event in every status, through the rules of the ledger.
@Suite("Every event in every status")
struct LifecycleTableTests {
    /// What is expected of one cell: `no`, or the status afterwards.
    private static let no: AgreementStatus? = nil

    // signed, provisionally applied, in force, suspended, denounced, ended
    private static let expected: [String: [AgreementStatus?]] = [
        "agreement.consented": [.signed, .provisionallyApplied, .inForce, .suspended, .denounced, no],
        "agreement.entered-into-force": [.inForce, .inForce, .inForce, .suspended, .denounced, no],
        "agreement.applied-provisionally": [
            .provisionallyApplied, .provisionallyApplied, .inForce, .suspended, .denounced, no,
        ],
        "agreement.amended": [.signed, .provisionallyApplied, .inForce, .suspended, .denounced, no],
        "agreement.corrected": [.signed, .provisionallyApplied, .inForce, .suspended, .denounced, .ended],
        "agreement.suspended": [no, .suspended, .suspended, no, no, no],
        "agreement.resumed": [no, no, no, .inForce, no, no],
        "agreement.extended": [no, .provisionallyApplied, .inForce, .suspended, no, no],
        "agreement.denounced": [no, no, .denounced, .denounced, .denounced, no],
        "agreement.denunciation-withdrawn": [no, no, no, no, .inForce, no],
        "agreement.terminated": [.ended, .ended, .ended, .ended, .ended, no],
        "agreement.expired": [.ended, .ended, .ended, .ended, .ended, no],
        "agreement.noted": [.signed, .provisionallyApplied, .inForce, .suspended, .denounced, .ended],
    ]

    private static let columns: [AgreementStatus] = [
        .signed, .provisionallyApplied, .inForce, .suspended, .denounced, .ended,
    ]

    /// A life that has come to the status, by events without dates.
    private func life(_ status: AgreementStatus) throws -> Life {
        var life = try Life()
        try life.add(.agreementRegistered(Fixture.registered()))
        let steps: [Event] =
            switch status {
            case .signed: []
            case .provisionallyApplied: [.agreementAppliedProvisionally(.init())]
            case .inForce: [.agreementEnteredIntoForce(.init())]
            case .suspended: [.agreementEnteredIntoForce(.init()), .agreementSuspended(.init())]
            // By the party that is to withdraw; the other one may still denounce it.
            case .denounced:
                [.agreementEnteredIntoForce(.init()), .agreementDenounced(.init(party: try Fixture.party("UZ")))]
            case .ended: [.agreementTerminated(.init())]
            }
        for step in steps { try life.add(step) }
        return life
    }

    private func events(in status: AgreementStatus) throws -> [Event] {
        try Fixture.steps().map { event in
            guard case .agreementDenounced = event else { return event }
            return .agreementDenounced(.init(party: try Fixture.party(status == .denounced ? "KZ" : "UZ")))
        } + [
            .agreementConsented(.init(party: try Fixture.party("UZ"), means: .approval)),
            .agreementNoted(try Fixture.noted()),
        ]
    }

    @Test("an event is allowed, and leads where it should, as the table written by hand says", arguments: columns)
    func everyEvent(in status: AgreementStatus) throws {
        let column = try #require(Self.columns.firstIndex(of: status))
        let events = try events(in: status)
        #expect(Set(events.map(\.name)) == Set(Self.expected.keys))
        let id = try Fixture.agreement()
        for event in events {
            var life = try life(status)
            #expect(life.state.agreement(id)?.status(on: nil) == status)
            let next = try life.statement(event, previous: life.state.agreement(id)?.head)
            let violations = life.violations(of: next)
            guard let after = try #require(Self.expected[event.name])[column] else {
                let violation = try #require(violations.first, "\(event.name) when \(status)")
                #expect(violations.map(\.key) == ["agreement.status.refused"])
                #expect(violation.actual == status.text)
                let allowed = zip(Self.columns, Self.expected[event.name] ?? []).filter { $1 != nil }.map(\.0.text)
                #expect(violation.expected == allowed.joined(separator: ", "))
                #expect(!violation.isIndeterminate)
                continue
            }
            #expect(violations == [], "\(event.name) when \(status)")
            life.apply(next)
            #expect(life.state.agreement(id)?.status(on: nil) == after, "\(event.name) when \(status)")
        }
    }

    @Test("the table in the source is the one written by hand")
    func sameTable() {
        #expect(Set(LifecycleTable.events) == Set(Self.expected.keys))
        #expect(LifecycleTable.statuses == Self.columns)
        #expect(Set(LifecycleTable.statuses) == Set(AgreementStatus.allCases))
        for event in LifecycleTable.events {
            for (status, after) in zip(Self.columns, Self.expected[event] ?? []) {
                let transition = LifecycleTable.transition(event, from: status)
                #expect((transition == .refused) == (after == nil), "\(event) when \(status)")
                if case .becomes(let next) = transition { #expect(next == after) }
                if transition == .stays { #expect(after == status) }
            }
        }
        #expect(LifecycleTable.transition("agreement.registered", from: .signed) == nil)
    }

    @Test("whoever stands in the table is an event of an agreement, and all but the registration stand there")
    func complete() throws {
        let names = try Fixture.statements().map(\.event.name).filter { $0.hasPrefix("agreement.") }
        #expect(Set(names) == Set(LifecycleTable.events + ["agreement.registered"]))
    }

    @Test("the table in the documentation is the one in the source")
    func documentedTable() throws {
        let page = try String(contentsOfFile: PackageRoot.file("docs/lifecycle.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
            .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
            .filter { $0.count == 7 }
        let names = rows.map { "agreement." + $0[0].trimmingCharacters(in: ["`"]) }
        #expect(names == LifecycleTable.events)
        for (event, cells) in zip(names, rows.map { $0.dropFirst() }) {
            for (status, cell) in zip(LifecycleTable.statuses, cells) {
                let words =
                    switch try #require(LifecycleTable.transition(event, from: status)) {
                    case .refused: "–"
                    case .stays: "·"
                    case .beneath: "*beneath*"
                    case .returns: "*back*"
                    case .becomes(let next): next.text.replacingOccurrences(of: "-", with: " ")
                    }
                #expect(cell == words, "\(event) when \(status)")
            }
        }
    }
}
