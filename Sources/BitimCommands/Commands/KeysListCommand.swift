internal import Agreements
internal import ArgumentParser
internal import Registry

struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the parties' keys, and which private ones are here.",
        discussion: HelpText.text(example: "bitim keys list"))

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let rows = try KeyRow.all(
            folders.keysFolder, parties: folders.keysFolder.parties(), registry: Self.registry(folders))
        guard !rows.isEmpty else {
            throw RegistryError(
                .unavailable, "there are no keys in \(folders.keysFolder.path)",
                hint: "name their folder with --keys or BITIM_KEYS, or make some with 'bitim keys new PARTY'")
        }
        try KeyRow.tell(rows, output)
    }

    /// Keys can be looked at before there is a registry, and beside one that does not hold.
    static func registry(_ folders: FolderOptions) -> RegistryState? {
        (try? OpenedLedger.open(registry: folders.registryFolder, keys: folders.keysFolder))?.history.state
    }
}
