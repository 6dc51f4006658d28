internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Establish a new registry of the parties whose keys are here.",
        discussion: HelpText.text(
            """
            Entry 0 names the parties, their authorities and signers, the log and the witnesses, and is signed by every \
            party. Its leaf hash is the registry's identity: the one fingerprint that everyone keeps.
            """, example: "bitim init --origin registry.example/acme-beta --name en=Contracts"))

    @Option(
        help: ArgumentHelp(
            "The log's name for ever: a URL without its scheme, such as treaties.example/kz-uz.", valueName: "origin"))
    var origin: String

    @Option(help: ArgumentHelp("The registry's name in a language. Repeatable.", valueName: "language=name"))
    var name: [String] = []

    @Option(help: ArgumentHelp("The parties (default: all that have keys here).", valueName: "KZ,UZ"))
    var parties: String?

    @Option(
        help: ArgumentHelp(
            "A party's name in a language, as in KZ.en=Kazakhstan. Repeatable.", valueName: "party.language=name"))
    var partyName: [String] = []

    @Flag(help: "Say in the ledger that its keys are a demonstration's.")
    var demonstration = false

    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Leave the log's private key unencrypted.")
    var unencryptedLog = false

    func run() async throws {
        let console = output.console
        let keys = folders.keysFolder
        let chosen = try parties.map(PartyArgument.list) ?? keys.parties()
        guard !chosen.isEmpty else {
            throw RegistryError(
                .unavailable, "there are no parties' keys in \(keys.path)",
                hint: "make them with 'bitim keys new PARTY'")
        }
        let establishing = Establishing(
            origin: origin, name: try LocalizedArgument.parse(name) ?? LocalizedArgument.english(origin),
            parties: try chosen.map { .init(party: $0, name: try self.name(of: $0)) }, isDemonstration: demonstration)
        try confirmation.confirm(
            ["To be signed by \(chosen.map(\.text).joined(separator: ", ")): the registry \(origin) of these parties"],
            console: console)
        let logPassphrase = unencryptedLog ? nil : try passphrases.passphrase(for: .log, isNew: true, console: console)
        if unencryptedLog { console.message("warning: the log's private key is not encrypted") }
        let (identity, publishing) = try await establishing.run(
            registry: folders.registryFolder, keys: keys, vault: passphrases.vault(keys, console: output.console),
            logPassphrase: logPassphrase,
            now: currentTime)
        if output.json {
            console.answer(try JSONOutput.text(InitResult(identity: identity.text, publishing)))
        } else {
            console.answer(identity.text)
        }
        console.message(
            "note: this identity is all that anyone has to trust: print it, publish it, put it into the treaty")
        guard case .pending(_, let missing) = publishing else { return }
        console.message("note: pending until \(missing.joined(separator: ", ")) cosign: see 'bitim publish'")
        throw ExitCode(3)
    }

    private func name(of party: PartyID) throws -> LocalizedText {
        let prefix = "\(party)."
        let own = partyName.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        return try LocalizedArgument.parse(own) ?? LocalizedArgument.english(party.text)
    }
}

private struct InitResult: Encodable {
    let schemaVersion = 1
    let identity: String
    let checkpoint: PublishingResult

    private enum CodingKeys: CodingKey { case schemaVersion, identity, checkpoint }

    init(identity: String, _ publishing: Registrar.Publishing) {
        self.identity = identity
        checkpoint = PublishingResult(publishing, [])
    }
}
