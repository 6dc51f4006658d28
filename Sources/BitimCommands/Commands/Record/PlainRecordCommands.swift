internal import Agreements
internal import ArgumentParser

/// An event of which nothing is said but that it happened, signed by every party.
protocol PlainRecordCommand: AsyncParsableCommand {
    var signers: JointSigners { get }
    var event: EventOptions { get }
    static func event(_ details: EventDetails) -> Event
}

extension PlainRecordCommand {
    func run() async throws {
        try await event.record(signedBy: try signers.parties) { details, _ in Self.event(details) }
    }
}

struct RecordEnteredIntoForceCommand: PlainRecordCommand {
    static let configuration = CommandConfiguration(
        commandName: "entered-into-force", abstract: "An agreement enters into force.",
        discussion: HelpText.text(
            example: "bitim record entered-into-force KZ-UZ-2025-06 --sign KZ,UZ --date 2026-04-06"))

    @OptionGroup var signers: JointSigners
    @OptionGroup var event: EventOptions

    static func event(_ details: EventDetails) -> Event { .agreementEnteredIntoForce(.init(details)) }
}

struct RecordAppliedProvisionallyCommand: PlainRecordCommand {
    static let configuration = CommandConfiguration(
        commandName: "applied-provisionally", abstract: "The parties apply an agreement before it enters into force.",
        discussion: HelpText.text(
            example: "bitim record applied-provisionally KZ-UZ-2025-06 --sign KZ,UZ \\\n    --date 2025-11-15"))

    @OptionGroup var signers: JointSigners
    @OptionGroup var event: EventOptions

    static func event(_ details: EventDetails) -> Event { .agreementAppliedProvisionally(.init(details)) }
}

struct RecordSuspendedCommand: PlainRecordCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspended", abstract: "The parties suspend an agreement.",
        discussion: HelpText.text(example: "bitim record suspended KZ-UZ-2025-06 --sign KZ,UZ --date 2028-01-01"))

    @OptionGroup var signers: JointSigners
    @OptionGroup var event: EventOptions

    static func event(_ details: EventDetails) -> Event { .agreementSuspended(.init(details)) }
}

struct RecordResumedCommand: PlainRecordCommand {
    static let configuration = CommandConfiguration(
        commandName: "resumed", abstract: "The parties end the suspension of an agreement.",
        discussion: HelpText.text(example: "bitim record resumed KZ-UZ-2025-06 --sign KZ,UZ --date 2028-07-01"))

    @OptionGroup var signers: JointSigners
    @OptionGroup var event: EventOptions

    static func event(_ details: EventDetails) -> Event { .agreementResumed(.init(details)) }
}

struct RecordTerminatedCommand: PlainRecordCommand {
    static let configuration = CommandConfiguration(
        commandName: "terminated", abstract: "The parties end an agreement.",
        discussion: HelpText.text(example: "bitim record terminated KZ-UZ-2025-06 --sign KZ,UZ --date 2030-12-31"))

    @OptionGroup var signers: JointSigners
    @OptionGroup var event: EventOptions

    static func event(_ details: EventDetails) -> Event { .agreementTerminated(.init(details)) }
}

struct RecordExpiredCommand: PlainRecordCommand {
    static let configuration = CommandConfiguration(
        commandName: "expired", abstract: "An agreement has ended as it says itself, such as when its term was over.",
        discussion: HelpText.text(example: "bitim record expired KZ-UZ-2025-06 --sign KZ,UZ --date 2030-11-15"))

    @OptionGroup var signers: JointSigners
    @OptionGroup var event: EventOptions

    static func event(_ details: EventDetails) -> Event { .agreementExpired(.init(details)) }
}
