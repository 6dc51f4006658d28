internal import Agreements
internal import ArgumentParser
internal import Registry

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

    /// Whether it says nothing but which agreement is meant.
    var isEmpty: Bool { date == nil && document.isEmpty && source.isEmpty && notes == nil }

    /// Shows, asks, signs and registers.
    ///
    /// - Parameter event: makes the event with these details, for the agreement as it is.
    func record(
        signedBy signers: [PartyID], _ signing: RecordingOptions,
        _ event: (EventDetails, AgreementState) throws -> Event
    ) async throws {
        let agreement = try AgreementArgument.parse(id)
        let described = try documents.read(document)
        let details = EventDetails(
            date: try date.map { try AgreementOptions.value($0, option: "--date") }, documents: described.documents,
            sources: source, notes: notes)
        let preview = try await RegistryReading.read(
            registry: signing.folders.registryFolder, keys: signing.folders.keysFolder, selection: .state,
            now: currentTime())
        guard let known = preview.state.agreement(agreement) else {
            throw try await PendingAgreements.error(agreement, in: preview.ledger, now: currentTime())
                ?? AgreementArgument.unknown(agreement)
        }
        let parties = known.registration.parties.map(\.party)
        if let stranger = signers.first(where: { !parties.contains($0) }) {
            throw RegistryError(
                .usage, "\(stranger) is no party of \(agreement)",
                hint: "its parties are \(parties.map(\.text).joined(separator: ", "))")
        }
        let shown = try event(details, known)
        for note in DateWords.notes(of: shown, in: known) { signing.output.console.message("note: \(note)") }
        let title = known.registration.title?.preferred ?? "(not public)"
        try await signing.record(
            agreement, shown, heading: "\(shown.name) of \(agreement), \(title)", signers: signers,
            identity: preview.ledger.identity, documents: described.files, restricted: described.restricted
        ) { state in
            // An event may rest on what it changes, as a correction of one part of a field does.
            try state.agreement(agreement).map { try event(details, $0) } ?? shown
        }
    }
}
