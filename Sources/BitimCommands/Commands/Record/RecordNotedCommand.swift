internal import Agreements
internal import ArgumentParser

struct RecordNotedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "noted",
        abstract: "A party puts something on record beside an agreement: a declaration, a reservation, an objection …",
        discussion: HelpText.text(
            example: """
                bitim record noted KZ-UZ-2025-06 --party KZ --kind declaration \\
                    --notes "The secretariat is in Astana."
                """))

    @Option(
        help: ArgumentHelp("What it is: \(AgreementNoted.Kind.expectation).", valueName: "kind"),
        completion: Completion.words(AgreementNoted.Kind.self))
    var kind: String

    @OptionGroup var actor: ActingParty
    @OptionGroup var event: EventOptions
    @OptionGroup var signing: RecordingOptions

    func run() async throws {
        let kind: AgreementNoted.Kind = try AgreementOptions.value(kind, option: "--kind")
        let party = try actor.id
        try await event.record(signedBy: [party], signing) { details, _ in
            .agreementNoted(
                AgreementNoted(
                    party: party, kind: kind, date: details.date, documents: details.documents,
                    sources: details.sources, notes: details.notes))
        }
    }
}
