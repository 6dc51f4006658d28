internal import Agreements
internal import ArgumentParser
internal import Registry

struct KeysDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Drop what is prepared for a party and on no list: left by a change that was given up.",
        discussion: HelpText.text(
            """
            Only certificates and verifier keys in keys/PARTY/prepared go. Private keys stay and are named: whether \
            nobody needs them any more is yours to say. What a pending change lists stays too.
            """, example: "bitim keys discard KZ"))

    @Argument(help: ArgumentHelp("The party.", valueName: "party"), completion: Completion.parties)
    var party: String

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let ledger: OpenedLedger
        do {
            ledger = try OpenedLedger.open(registry: folders.registryFolder, keys: folders.keysFolder)
        } catch let error as OpenedLedger.Unopenable {
            throw RegistryError(
                .refused, "the registry does not hold, so nobody knows what it lists", hint: "see 'bitim audit'",
                findings: error.findings)
        }
        try ledger.history.requireRecognised()
        // Who is named has to be a party.
        let party = try KeyEnrolment(ledger, party: PartyArgument.parse(party)).party
        let prepared = try PreparedKeys(of: party, in: ledger)
        try prepared.discard()
        if output.json {
            return output.console.answer(
                try JSONOutput.text(DiscardResult(files: prepared.files, privateKeys: prepared.privateKeys)))
        }
        output.console.answer(files: prepared.files.map(folders.keysFolder.fullPath))
        if prepared.files.isEmpty { output.console.message("note: nothing of \(party) waits") }
        if !prepared.privateKeys.isEmpty {
            let names = prepared.privateKeys.map(folders.keysFolder.fullPath).joined(separator: ", ")
            output.console.message("note: their private keys are still there: \(names)")
        }
    }
}

private struct DiscardResult: Encodable {
    let schemaVersion = 1
    let files: [String]
    /// Those that belong to them, and stay.
    let privateKeys: [String]

    private enum CodingKeys: CodingKey { case schemaVersion, files, privateKeys }
}
