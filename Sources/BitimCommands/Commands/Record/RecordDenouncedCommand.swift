internal import Agreements
internal import ArgumentParser

struct RecordDenouncedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "denounced", abstract: "A party gives notice that an agreement is to end.",
        discussion: HelpText.text(
            """
            From --date on the agreement is ended; without it, it never ends by the denunciation alone.
            """,
            example: """
                bitim record denounced KZ-UZ-2025-06 --party KZ \\
                    --notified 2029-01-10 --date 2029-07-10
                """))

    @Option(help: ArgumentHelp("The day of the notice; left out, it is unknown.", valueName: "YYYY-MM-DD"))
    var notified: String?

    @OptionGroup var actor: ActingParty
    @OptionGroup var event: EventOptions
    @OptionGroup var signing: RecordingOptions

    func run() async throws {
        let notified: CalendarDate? = try notified.map { try AgreementOptions.value($0, option: "--notified") }
        let party = try actor.id
        try await event.record(signedBy: [party], signing) { details, _ in
            .agreementDenounced(.init(party: party, notified: notified, details: details))
        }
    }
}

struct RecordDenunciationWithdrawnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "denunciation-withdrawn",
        abstract: "A party takes its denunciation back, before it takes effect.",
        discussion: HelpText.text(
            example: """
                bitim record denunciation-withdrawn KZ-UZ-2025-06 \\
                    --party KZ --date 2029-03-01
                """))

    @OptionGroup var actor: ActingParty
    @OptionGroup var event: EventOptions
    @OptionGroup var signing: RecordingOptions

    func run() async throws {
        let party = try actor.id
        try await event.record(signedBy: [party], signing) { details, _ in
            .agreementDenunciationWithdrawn(.init(party: party, details: details))
        }
    }
}
