package import Agreements

/// Events as chance has them, allowed or not, for agreements of KZ and UZ.
package struct RandomLife: Sendable {
    package var generator: SeededGenerator

    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    package mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &generator) == 0 }

    package mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }

    private mutating func party() -> PartyID { PartyID(chance(2) ? "KZ" : "UZ")! }

    /// Within six years, or unknown.
    private mutating func date() -> CalendarDate? {
        guard !chance(3) else { return nil }
        return CalendarDate(year: 2025 + number(0..<6), month: number(1..<13), day: number(1..<29))
    }

    package mutating func registration() -> Event {
        .agreementRegistered(
            AgreementRegistered(
                title: nil, titleStatus: .unpublished, kind: .agreement,
                parties: ["KZ", "UZ"].map { AgreementParty(party: PartyID($0)!) },
                concluded: Conclusion(date: chance(3) ? nil : CalendarDate(year: 2025, month: 11, day: 15)),
                notes: "registration \(number(0..<1_000_000))"))
    }

    /// The events that lead somewhere come more often: a life would else hardly get beyond its beginning.
    package mutating func step() -> Event {
        let details = EventDetails(date: date(), notes: chance(2) ? nil : "step \(number(0..<1_000_000))")
        switch number(0..<20) {
        case 0: return .agreementAppliedProvisionally(.init(details))
        case 1...3: return .agreementEnteredIntoForce(.init(details))
        case 4:
            return .agreementAmended(
                .init(amendment: chance(2) ? AgreementID("X-\(number(0..<5))") : nil, details: details))
        case 5: return .agreementCorrected(correction(details))
        case 6, 7: return .agreementSuspended(.init(details))
        case 8, 9: return .agreementResumed(.init(details))
        case 10: return .agreementExtended(.init(until: date(), duration: "for some years", details: details))
        case 11, 12: return .agreementDenounced(.init(party: party(), notified: date(), details: details))
        case 13, 14: return .agreementDenunciationWithdrawn(.init(party: party(), details: details))
        case 15: return chance(3) ? .agreementTerminated(.init(details)) : .agreementExpired(.init(details))
        case 16, 17:
            return .agreementConsented(
                .init(party: party(), means: .approval, date: details.date, notes: details.notes))
        default:
            return .agreementNoted(.init(party: party(), kind: .report, date: details.date, notes: details.notes))
        }
    }

    private mutating func correction(_ details: EventDetails) -> AgreementCorrected {
        let values = AgreementRegistered(
            title: nil, titleStatus: .reported, kind: .plan, field: "field \(number(0..<9))", parties: [],
            concluded: Conclusion(date: date()))
        var fields: Set<AgreementCorrected.Field> = [.field]
        if chance(2) { fields.insert(.concluded) }
        if chance(3) { fields.insert(.kind) }
        return AgreementCorrected(fields, from: values, details: details)
    }
}
