/// A party takes its denunciation back, before it takes effect.
package struct AgreementDenunciationWithdrawn: AgreementEventBody {
    package static let eventName = "agreement.denunciation-withdrawn"

    package let details: EventDetails
    package let party: PartyID

    package init(party: PartyID, details: EventDetails = EventDetails()) {
        self.party = party
        self.details = details
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        details = try reader.details()
        party = try reader.text("party", as: PartyID.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.details(details)
        printer.text("party", party)
    }

    var event: Event { .agreementDenunciationWithdrawn(self) }
    var actingParty: PartyID? { party }
}
