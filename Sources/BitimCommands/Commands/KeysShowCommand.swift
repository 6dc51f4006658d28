internal import ArgumentParser
internal import Registry

struct KeysShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one party's keys.",
        discussion: HelpText.text(example: "bitim keys show KZ"))

    @Argument(help: ArgumentHelp("The party's id.", valueName: "party"), completion: Completion.parties)
    var party: String

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let party = try PartyArgument.parse(party)
        let rows = try KeyRow.all(
            folders.keysFolder, parties: [party], registry: KeysListCommand.registry(folders))
        guard !rows.isEmpty else {
            throw RegistryError(
                .unavailable, "there are no keys of \(party) in \(folders.keysFolder.path)",
                hint: "make them with 'bitim keys new \(party)'")
        }
        try KeyRow.tell(rows, output)
    }
}
