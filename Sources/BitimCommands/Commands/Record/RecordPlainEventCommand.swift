internal import Agreements
internal import ArgumentParser

/// Records an event of which nothing is said but that it happened, signed by every party.
struct RecordPlainEventCommand<Named: PlainEventName>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Named.name, abstract: Named.abstract,
            discussion: HelpText.text(
                example: """
                    bitim record \(Named.name) KZ-UZ-2025-06 \\
                        --sign KZ,UZ --date \(Named.exampleDate)
                    """))
    }

    @OptionGroup var signers: JointSigners
    @OptionGroup var event: EventOptions
    @OptionGroup var signing: RecordingOptions

    func run() async throws {
        try await event.record(signedBy: try signers.parties, signing) { details, _ in Named.event(details) }
    }
}

/// What tells one plain event from the others.
protocol PlainEventName {
    /// On the command line.
    static var name: String { get }
    static var abstract: String { get }
    static var exampleDate: String { get }
    static func event(_ details: EventDetails) -> Event
}

enum EnteredIntoForce: PlainEventName {
    static let name = "entered-into-force"
    static let abstract = "An agreement enters into force."
    static let exampleDate = "2026-04-06"
    static func event(_ details: EventDetails) -> Event { .agreementEnteredIntoForce(.init(details)) }
}

enum AppliedProvisionally: PlainEventName {
    static let name = "applied-provisionally"
    static let abstract = "The parties apply an agreement before it enters into force."
    static let exampleDate = "2025-11-15"
    static func event(_ details: EventDetails) -> Event { .agreementAppliedProvisionally(.init(details)) }
}

enum Suspended: PlainEventName {
    static let name = "suspended"
    static let abstract = "The parties suspend an agreement."
    static let exampleDate = "2028-01-01"
    static func event(_ details: EventDetails) -> Event { .agreementSuspended(.init(details)) }
}

enum Resumed: PlainEventName {
    static let name = "resumed"
    static let abstract = "The parties end the suspension of an agreement."
    static let exampleDate = "2028-07-01"
    static func event(_ details: EventDetails) -> Event { .agreementResumed(.init(details)) }
}

enum Terminated: PlainEventName {
    static let name = "terminated"
    static let abstract = "The parties end an agreement."
    static let exampleDate = "2030-12-31"
    static func event(_ details: EventDetails) -> Event { .agreementTerminated(.init(details)) }
}

enum Expired: PlainEventName {
    static let name = "expired"
    static let abstract = "An agreement has ended as it says itself, such as when its term was over."
    static let exampleDate = "2030-11-15"
    static func event(_ details: EventDetails) -> Event { .agreementExpired(.init(details)) }
}
