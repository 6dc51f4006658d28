/// The parties change the agreement.
package struct AgreementAmended: AgreementEventBody {
    package static let eventName = "agreement.amended"

    /// The amending agreement, if it is one of its own. It need not be in the registry.
    package let amendment: AgreementID?
    package let details: EventDetails

    package init(amendment: AgreementID? = nil, details: EventDetails = EventDetails()) {
        self.amendment = amendment
        self.details = details
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        details = try reader.details()
        amendment = try reader.optionalText("amendment", as: AgreementID.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.details(details)
        printer.text("amendment", amendment)
    }

    var event: Event { .agreementAmended(self) }
}
