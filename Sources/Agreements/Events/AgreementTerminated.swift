/// The parties end the agreement.
package struct AgreementTerminated: PlainEventBody {
    package static let eventName = "agreement.terminated"

    package let details: EventDetails

    package init(_ details: EventDetails = EventDetails()) {
        self.details = details
    }

    var event: Event { .agreementTerminated(self) }
}
