internal import Agreements
internal import ArgumentParser
internal import Registry

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Record an event in the life of an agreement.",
        subcommands: [RecordConsentedCommand.self, RecordNotedCommand.self])
}

/// What every event has.
struct EventOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The agreement's id.", valueName: "id"), completion: Completion.agreements)
    var id: String

    @Option(help: ArgumentHelp("Who acts, and signs.", valueName: "party"), completion: Completion.parties)
    var party: String

    @Option(help: ArgumentHelp("The day of legal effect; left out, it is unknown.", valueName: "YYYY-MM-DD"))
    var date: String?

    @Option(
        help: ArgumentHelp("A document that comes with the event. Repeatable.", valueName: "file"),
        completion: Completion.files)
    var document: [String] = []

    @Option(help: ArgumentHelp("Where this is known from. Repeatable.", valueName: "source"))
    var source: [String] = []

    @Option(help: ArgumentHelp("Anything else, in one line.", valueName: "text"))
    var notes: String?

    @OptionGroup(title: "Its documents") var documents: DocumentOptions
    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var output: OutputOptions

    var calendarDate: CalendarDate? {
        get throws { try date.map { try AgreementOptions.value($0, option: "--date") } }
    }

    /// Shows, asks, signs and registers.
    func record(_ event: (PartyID, CalendarDate?, [Document]) throws -> Event) async throws {
        let agreement = try AgreementArgument.parse(id)
        let party = try PartyArgument.parse(party)
        let described = try documents.read(document)
        let event = try event(party, try calendarDate, described.documents)
        let preview = try await RegistryReading.read(
            registry: folders.registryFolder, keys: folders.keysFolder, selection: .none, now: currentTime())
        guard let known = preview.state.agreements[agreement] else { throw AgreementArgument.unknown(agreement) }
        let shown = Statement(
            agreement: agreement, event: event, ledger: .registry(preview.ledger.identity), previous: nil, tree: nil)
        try confirmation.confirm(
            [
                "To be signed by \(party): \(event.name) of \(agreement), \(known.registration.title?.preferred ?? "(not public)")"
            ]
                + PlainWords.lines(of: shown).map { "  " + $0 }, console: output.console)
        let keys = folders.keysFolder
        let vault = passphrases.vault(keys, console: output.console)
        try vault.unlock([.party(party), .log])
        let registrar = try await Registrar.open(
            registry: folders.registryFolder, keys: keys, vault: vault, now: currentTime)
        let statement = try registrar.statement(of: event, agreement: agreement)
        let registered = try registrar.sign(
            statement, documents: described.files, restricted: described.restricted)
        try PublishingResult(try await registrar.commit(), [registered]).tell(output)
    }
}

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

    @OptionGroup var event: EventOptions

    func run() async throws {
        let means: AgreementConsented.Means = try AgreementOptions.value(means, option: "--means")
        try await event.record { party, date, documents in
            .agreementConsented(
                AgreementConsented(
                    party: party, means: means, date: date, instrument: instrument, documents: documents,
                    sources: event.source, notes: event.notes))
        }
    }
}

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

    @OptionGroup var event: EventOptions

    func run() async throws {
        let kind: AgreementNoted.Kind = try AgreementOptions.value(kind, option: "--kind")
        try await event.record { party, date, documents in
            .agreementNoted(
                AgreementNoted(
                    party: party, kind: kind, date: date, documents: documents, sources: event.source,
                    notes: event.notes))
        }
    }
}
