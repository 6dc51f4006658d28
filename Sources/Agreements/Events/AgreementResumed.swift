/// A suspended agreement is again what it was before.
package struct AgreementResumed: PlainEventBody {
    package static let eventName = "agreement.resumed"

    package let details: EventDetails

    package init(_ details: EventDetails = EventDetails()) {
        self.details = details
    }

    var event: Event { .agreementResumed(self) }
}
