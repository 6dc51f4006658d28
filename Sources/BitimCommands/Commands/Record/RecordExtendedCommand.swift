internal import Agreements
internal import ArgumentParser

struct RecordExtendedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extended", abstract: "The parties prolong an agreement.",
        discussion: HelpText.text(
            example: """
                bitim record extended KZ-UZ-2025-06 \\
                    --sign KZ,UZ --until 2035-11-15
                """))

    @Option(help: ArgumentHelp("The last day of the new term.", valueName: "YYYY-MM-DD"))
    var until: String?

    @Option(help: ArgumentHelp("For how long, in words. This or --until is needed.", valueName: "text"))
    var duration: String?

    @OptionGroup var signers: JointSigners
    @OptionGroup var event: EventOptions
    @OptionGroup var signing: RecordingOptions

    func validate() throws {
        guard until != nil || duration != nil else { throw ValidationError("say --until or --duration") }
    }

    func run() async throws {
        let until: CalendarDate? = try until.map { try AgreementOptions.value($0, option: "--until") }
        try await event.record(signedBy: try signers.parties, signing) { details, _ in
            .agreementExtended(.init(until: until, duration: duration, details: details))
        }
    }
}
