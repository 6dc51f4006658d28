internal import Agreements
internal import ArgumentParser
internal import Registry

struct RecordAmendedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "amended", abstract: "The parties change an agreement.",
        discussion: HelpText.text(
            example: """
                bitim record amended KZ-UZ-2025-06 --sign KZ,UZ \\
                    --amendment KZ-UZ-2027-01 --date 2027-05-01
                """))

    @Option(
        help: ArgumentHelp(
            "The amending agreement, if it is one of its own. It need not be in the registry.", valueName: "id"),
        completion: Completion.agreements)
    var amendment: String?

    @OptionGroup var signers: JointSigners
    @OptionGroup var event: EventOptions
    @OptionGroup var signing: RecordingOptions

    func run() async throws {
        guard amendment != nil || !event.isEmpty else {
            throw RegistryError(
                .usage, "nothing says what is amended, or when",
                hint: "say it with --amendment, --document, --date, --source or --notes")
        }
        let amendment = try amendment.map(AgreementArgument.parse)
        try await event.record(signedBy: try signers.parties, signing) { details, _ in
            .agreementAmended(.init(amendment: amendment, details: details))
        }
    }
}
