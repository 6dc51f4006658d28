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
        let wasPending = registrar.ledger.pending != nil
        let result = PublishingResult(try await registrar.cosign(parties: chosen), [])
        guard wasPending else { return try result.tell(output, next: "note: nothing is pending: nothing was cosigned") }
        try result.tell(output, next: registrar.hasLogKey ? nil : result.sending(from: folders.registryFolder))
    }
}

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Complete what is pending: cosign with the keys at hand and, when the quorum is met, publish.",
        discussion: HelpText.text(
            """
            A witness whose key is on another machine cosigns in a copy of the registry there ('bitim cosign'). What comes \
            back is the checkpoint, one small file.
            """, example: "bitim publish", "bitim publish beta.checkpoint"))

    @Argument(
        help: ArgumentHelp(
            "The pending checkpoint as it was cosigned elsewhere: its cosignatures are taken over.",
            valueName: "checkpoint"),
        completion: Completion.files)
    var checkpoints: [String] = []

    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try InputFile.requireOneStdin(checkpoints + passphrases.files) }

    func run() async throws {
        let keys = folders.keysFolder
        let copies = try checkpoints.map {
            CheckpointCopy(source: $0, bytes: try InputFile.read($0, maximumBytes: 1_000_000))
        }
        let registrar = try await Registrar.open(
            registry: folders.registryFolder, keys: keys, vault: passphrases.vault(keys, console: output.console),
            now: currentTime,
            purpose: .completing)
        // Who brings copies is where they are taken over.
        let isElsewhere = try registrar.ledger.pending != nil && copies.isEmpty && !registrar.hasLogKey
        let result = PublishingResult(try await registrar.publish(taking: copies), [])
        try result.tell(output, next: isElsewhere ? result.sending(from: folders.registryFolder) : nil)
    }
}
