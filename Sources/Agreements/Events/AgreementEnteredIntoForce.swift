/// The agreement is in force.
package struct AgreementEnteredIntoForce: PlainEventBody {
    package static let eventName = "agreement.entered-into-force"

    package let details: EventDetails

    package init(_ details: EventDetails = EventDetails()) {
        self.details = details
    }

    var event: Event { .agreementEnteredIntoForce(self) }
}
