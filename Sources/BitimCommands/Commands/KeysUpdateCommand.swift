internal import ArgumentParser
internal import Registry

struct KeysUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Bring the public files in keys/ to what the published ledger says.",
        discussion: HelpText.text(
            """
            Everything follows from the identity that is pinned. Other tools read these files: the policy, the \
            authorities, the witnesses' keys.
            """, example: "bitim keys update"))

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        // The entries have to lead to the keys that are written.
        let reading = try await RegistryReading.read(
            registry: folders.registryFolder, keys: folders.keysFolder, selection: .none, now: currentTime())
        let files = try KeysUpdate(reading.ledger).write()
        if output.json { return output.console.answer(try JSONOutput.text(UpdateResult(files: files))) }
        output.console.answer(files: files.map(folders.keysFolder.fullPath))
        if files.isEmpty { output.console.message("note: the files agree with the ledger already") }
    }
}

private struct UpdateResult: Encodable {
    let schemaVersion = 1
    let files: [String]

    private enum CodingKeys: CodingKey { case schemaVersion, files }
}
