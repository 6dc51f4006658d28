internal import Agreements
internal import ArgumentParser
internal import Registry

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Record an event in the life of an agreement.",
        discussion: """
            What is allowed depends on where the agreement stands: docs/lifecycle.md has the table. A day that is left \
            out is recorded as unknown; the event then counts from the latest day that all parties signed before it.
            """,
        subcommands: [
            RecordConsentedCommand.self, RecordEnteredIntoForceCommand.self, RecordAppliedProvisionallyCommand.self,
            RecordAmendedCommand.self, RecordCorrectedCommand.self, RecordSuspendedCommand.self,
            RecordResumedCommand.self, RecordExtendedCommand.self, RecordDenouncedCommand.self,
            RecordDenunciationWithdrawnCommand.self, RecordTerminatedCommand.self, RecordExpiredCommand.self,
            RecordNotedCommand.self, RecordVoidedCommand.self,
        ])
}

/// What every event of an agreement has.
struct EventOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The agreement's id.", valueName: "id"), completion: Completion.agreements)
    var id: String

    @Option(help: ArgumentHelp("The day of legal effect; left out, it is unknown.", valueName: "YYYY-MM-DD"))
    var date: String?

    @Option(help: ArgumentHelp("A document that comes with the event. Repeatable.", valueName: "file"))
    var document: [String] = []

    @Option(help: ArgumentHelp("Where this is known from. Repeatable.", valueName: "source"))
    var source: [String] = []

    @Option(help: ArgumentHelp("Anything else, in one line.", valueName: "text"))
    var notes: String?

    @OptionGroup(title: "Its documents") var documents: DocumentOptions
    @OptionGroup var signing: RecordingOptions

    /// Whether it says nothing but which agreement is meant.
    var isEmpty: Bool { date == nil && document.isEmpty && source.isEmpty && notes == nil }

    /// Shows, asks, signs and registers.
    ///
    /// - Parameter event: makes the event with these details, for the agreement as it is.
    func record(
        signedBy signers: [PartyID], _ event: (EventDetails, AgreementState) throws -> Event
    ) async throws {
        let agreement = try AgreementArgument.parse(id)
        let described = try documents.read(document)
        let details = EventDetails(
            date: try date.map { try AgreementOptions.value($0, option: "--date") }, documents: described.documents,
            sources: source, notes: notes)
        let preview = try await RegistryReading.read(
            registry: signing.folders.registryFolder, keys: signing.folders.keysFolder, selection: .none,
            now: currentTime())
        guard let known = preview.state.agreements[agreement] else { throw AgreementArgument.unknown(agreement) }
        let shown = try event(details, known)
        if let date = shown.legalDate, let concluded = known.registration.concluded.date, date < concluded {
            signing.output.console.message("note: \(date) lies before \(concluded), when \(agreement) was concluded")
        }
        let title = known.registration.title?.preferred ?? "(not public)"
        try await signing.record(
            agreement, shown, heading: "\(shown.name) of \(agreement), \(title)", signers: signers,
            identity: preview.ledger.identity, documents: described.files, restricted: described.restricted
        ) { state in
            // An event may rest on what it changes, as a correction of one part of a field does.
            try state.agreements[agreement].map { try event(details, $0) } ?? shown
        }
    }
}

/// How an event becomes an entry.
struct RecordingOptions: ParsableArguments {
    @OptionGroup(title: "A draft") var draft: DraftOptions
    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var output: OutputOptions

    /// - Parameters:
    ///   - shown: what is asked about.
    ///   - documents: where the bytes of its documents are, by digest.
    ///   - current: the same event for the ledger as it is when the lock is held.
    func record(
        _ agreement: AgreementID?, _ shown: Event, heading: String, signers: [PartyID], identity: ContentDigest,
        documents: [ContentDigest: String], restricted: [DocumentCommitment: RestrictedDocument] = [:],
        current: (LedgerState) throws -> Event
    ) async throws {
        if draft.path != nil {
            return try await draft.write(
                shown, agreement: agreement, restricted: restricted, folders: folders, output: output)
        }
        let statement = Statement(
            agreement: agreement, event: shown, ledger: .registry(identity), previous: nil, tree: nil)
        try confirmation.confirm(
            ["To be signed by \(signers.map(\.text).joined(separator: ", ")): \(heading)"]
                + PlainWords.lines(of: statement).map { "  " + $0 }, console: output.console)
        let keys = folders.keysFolder
        let vault = passphrases.vault(keys, console: output.console)
        try vault.unlock(signers.map { .party($0) } + [.log])
        let registrar = try await Registrar.open(
            registry: folders.registryFolder, keys: keys, vault: vault, now: currentTime)
        guard try current(registrar.state) == shown else {
            throw RegistryError(
                .conflict, "what the event rests on was changed meanwhile", hint: "run the command again, and look")
        }
        let next = try registrar.statement(of: shown, agreement: agreement)
        // Of an agreement that is not registered, the rules have more to say.
        if !registrar.state.requiredSigners(of: next).isEmpty {
            try AddCommand.requireSigners(signers, of: next, in: registrar)
        }
        let registered = try registrar.sign(next, documents: documents, restricted: restricted)
        try PublishingResult(try await registrar.commit(), [registered]).tell(output)
    }
}

/// Who signs what all parties sign.
struct JointSigners: ParsableArguments {
    @Option(help: ArgumentHelp("Who signs with the keys here: every party of the agreement.", valueName: "KZ,UZ"))
    var sign: String

    var parties: [PartyID] { get throws { try Self.list(sign) } }

    static func list(_ text: String) throws -> [PartyID] {
        let parties = try PartyArgument.list(text)
        guard !parties.isEmpty, Set(parties).count == parties.count else {
            throw RegistryError(.usage, "--sign names nobody, or somebody twice", hint: "write it as in --sign KZ,UZ")
        }
        return parties
    }
}

/// Who signs what one party does alone.
struct ActingParty: ParsableArguments {
    @Option(help: ArgumentHelp("Who acts, and signs.", valueName: "party"), completion: Completion.parties)
    var party: String

    var id: PartyID { get throws { try PartyArgument.parse(party) } }
}
