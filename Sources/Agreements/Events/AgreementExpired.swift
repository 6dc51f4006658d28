/// The agreement has ended as it says itself, such as when its term was over.
package struct AgreementExpired: PlainEventBody {
    package static let eventName = "agreement.expired"

    package let details: EventDetails

    package init(_ details: EventDetails = EventDetails()) {
        self.details = details
    }

    var event: Event { .agreementExpired(self) }
}
