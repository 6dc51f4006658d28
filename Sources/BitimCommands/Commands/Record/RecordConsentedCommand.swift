internal import Agreements
internal import ArgumentParser

struct RecordConsentedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consented",
        abstract: "A party consents to be bound: by ratification, approval, acceptance, notification or exchange.",
        discussion: HelpText.text(
            example: """
                bitim record consented KZ-UZ-2025-06 --party UZ \\
                    --means ratification --date 2026-03-06
                """))

    @Option(
        help: ArgumentHelp("How: \(AgreementConsented.Means.expectation).", valueName: "means"),
        completion: Completion.words(AgreementConsented.Means.self))
    var means: String

    @Option(help: ArgumentHelp("The title of the instrument, such as a law.", valueName: "title"))
    var instrument: String?

    @OptionGroup var actor: ActingParty
    @OptionGroup var event: EventOptions
    @OptionGroup var signing: RecordingOptions

    func run() async throws {
        let means: AgreementConsented.Means = try AgreementOptions.value(means, option: "--means")
        let party = try actor.id
        try await event.record(signedBy: [party], signing) { details, _ in
            .agreementConsented(
                AgreementConsented(
                    party: party, means: means, date: details.date, instrument: instrument,
                    documents: details.documents, sources: details.sources, notes: details.notes))
        }
    }
}
