/// The parties apply the agreement before it enters into force.
package struct AgreementAppliedProvisionally: PlainEventBody {
    package static let eventName = "agreement.applied-provisionally"

    package let details: EventDetails

    package init(_ details: EventDetails = EventDetails()) {
        self.details = details
    }

    var event: Event { .agreementAppliedProvisionally(self) }
}
