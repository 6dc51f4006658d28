internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct CosignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cosign",
        abstract: "Cosign what is pending, as a party's auditing witness.",
        discussion: HelpText.text(
            "Every new entry is checked in full first, documents' bytes included: the cosignature says just that.",
            example: "bitim cosign KZ"))

    @Argument(
        help: ArgumentHelp("Whose witnesses cosign; without it, all whose keys are here.", valueName: "party"),
        completion: Completion.parties)
    var parties: [String] = []

    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let keys = folders.keysFolder
        let chosen = try parties.isEmpty ? nil : Set(parties.map(PartyArgument.parse))
        let registrar = try await Registrar.open(
            registry: folders.registryFolder, keys: keys, vault: passphrases.vault(keys, console: output.console),
            now: currentTime,
            purpose: .completing)
        try PublishingResult(try await registrar.cosign(parties: chosen), []).tell(output)
    }
}

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Complete what is pending: cosign with the keys at hand and, when the quorum is met, publish.",
        discussion: HelpText.text(example: "bitim publish"))

    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let keys = folders.keysFolder
        let registrar = try await Registrar.open(
            registry: folders.registryFolder, keys: keys, vault: passphrases.vault(keys, console: output.console),
            now: currentTime,
            purpose: .completing)
        try PublishingResult(try await registrar.publish(), []).tell(output)
    }
}
