/// The body of one kind of event.
protocol EventBody: StatementObject {
    /// Such as `agreement.registered`.
    static var eventName: String { get }

    /// Whether it belongs to the registry's own life.
    static var isOfRegistry: Bool { get }

    /// The event that has this body.
    var event: Event { get }

    /// The documents that come with it.
    var documents: [Document] { get }

    /// The day from which it counts; nil when unknown.
    var legalDate: CalendarDate? { get }

    /// The one party that acts and signs; nil when all do.
    var actingParty: PartyID? { get }
}

extension EventBody {
    static var isOfRegistry: Bool { false }
    var documents: [Document] { [] }
    var legalDate: CalendarDate? { nil }
    var actingParty: PartyID? { nil }
}

/// An event in the life of a registered agreement.
protocol AgreementEventBody: EventBody {
    var details: EventDetails { get }
}

extension AgreementEventBody {
    var documents: [Document] { details.documents }
    var legalDate: CalendarDate? { details.date }
}

/// An event that says only that it happened.
protocol PlainEventBody: AgreementEventBody {
    init(_ details: EventDetails)
}

extension PlainEventBody {
    init(from reader: inout ObjectReader) throws(StatementError) {
        self.init(try reader.details())
    }

    func print(to printer: inout ObjectPrinter) {
        printer.details(details)
    }
}
