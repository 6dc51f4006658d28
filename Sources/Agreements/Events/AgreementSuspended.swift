/// The parties suspend the agreement.
package struct AgreementSuspended: PlainEventBody {
    package static let eventName = "agreement.suspended"

    package let details: EventDetails

    package init(_ details: EventDetails = EventDetails()) {
        self.details = details
    }

    var event: Event { .agreementSuspended(self) }
}
