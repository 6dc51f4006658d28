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

            Parties at machines of their own sign a draft of it. Whoever is to keep the log writes it with --draft, and \
            needs only their public files for it; each party signs it with 'bitim sign', which compares what it says of \
            the party with the party's own files. Then 'bitim init DRAFT' establishes the registry where the log's key \
            is, and 'bitim init DRAFT --keys-only' pins the same identity everywhere else.

            A run that was cut short is gone on with by running the same command again.
            """, example: "bitim init --origin registry.example/acme-beta --name en=Contracts",
            "bitim init --origin registry.example/acme-beta --draft zero.draft", "bitim init zero.draft",
            "bitim init zero.draft --keys-only"))

    @Argument(
        help: ArgumentHelp("A draft of entry 0 that every party has signed.", valueName: "draft"),
        completion: Completion.files)
    var file: String?

    @Option(
        help: ArgumentHelp(
            "The log's name for ever: a URL without its scheme, such as treaties.example/kz-uz.", valueName: "origin"))
    var origin: String?

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

    @Flag(help: "Pin what follows from the draft, the identity and the policy, and establish nothing here.")
    var keysOnly = false

    @OptionGroup(title: "A draft") var draft: DraftOptions
    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Leave the log's private key unencrypted.")
    var unencryptedLog = false

    func validate() throws {
        guard file != nil else {
            if keysOnly { throw ValidationError("--keys-only goes with a draft: bitim init DRAFT --keys-only") }
            if origin == nil {
                throw ValidationError("say the log's name with --origin, or give a draft that all have signed")
            }
            if let origin, origin.contains("://") {
                throw ValidationError(
                    "--origin is '\(origin)': write it without its scheme, as in treaties.example/kz-uz")
            }
            return
        }
        guard origin == nil, name.isEmpty, parties == nil, partyName.isEmpty, !demonstration, !unencryptedLog,
            draft.path == nil
        else {
            throw ValidationError(
                "everything is in the draft: leave out --origin, --name, --parties, --party-name, --demonstration, "
                    + "--unencrypted-log and --draft")
        }
    }

    func run() async throws {
        if let file { return try await establish(file) }
        let establishing = try description()
        if draft.path != nil { return try writeDraft(establishing) }
        let console = output.console
        let keys = folders.keysFolder
        let names = establishing.parties.map(\.party.text).joined(separator: ", ")
        try confirmation.confirm(
            ["To be signed by \(names): the registry \(establishing.origin) of these parties"], console: console)
        let vault = passphrases.vault(keys, console: console)
        let (identity, publishing) = try await establishing.run(
            registry: folders.registryFolder, keys: keys, vault: vault, logPassphrase: try logPassphrase(vault),
            now: currentTime)
        try tell(identity, publishing)
    }

    private func description() throws -> Establishing {
        let keys = folders.keysFolder
        let chosen = try parties.map(PartyArgument.list) ?? keys.parties()
        guard !chosen.isEmpty, let origin else {
            throw RegistryError(
                .unavailable, "there are no parties' keys in \(keys.path)",
                hint: "make them with 'bitim keys new PARTY'")
        }
        return Establishing(
            origin: origin, name: try LocalizedArgument.parse(name) ?? LocalizedArgument.english(origin),
            parties: try chosen.map { .init(party: $0, name: try self.name(of: $0)) }, isDemonstration: demonstration)
    }

    /// Of a log's key that is to be made; one that an earlier run has made keeps its own.
    func logPassphrase(_ vault: KeyVault) throws -> SecretBytes? {
        if vault.has(KeyVault.logKeyName) {
            try vault.unlock([.log])
            return nil
        }
        if unencryptedLog { output.console.message("warning: the log's private key is not encrypted") }
        return unencryptedLog ? nil : try passphrases.passphrase(for: .log, isNew: true, console: output.console)
    }

    func tell(_ identity: ContentDigest, _ publishing: Registrar.Publishing) throws {
        let console = output.console
        if output.json {
            console.answer(try JSONOutput.text(InitResult(identity: identity.text, publishing)))
        } else {
            console.answer(identity.text)
        }
        console.message(
            "note: this identity is all that anyone has to trust: print it, publish it, put it into the treaty")
        guard case .pending(_, _, let waitingFor) = publishing else { return }
        console.message("note: pending until \(waitingFor) cosign: see 'bitim publish'")
        throw ExitCode(3)
    }

    private func name(of party: PartyID) throws -> LocalizedText {
        let prefix = "\(party)."
        let own = partyName.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        return try LocalizedArgument.parse(own) ?? LocalizedArgument.english(party.text)
    }
}

struct InitResult: Encodable {
    let schemaVersion = 1
    let identity: String
    /// Nil where nothing was established.
    let checkpoint: PublishingResult?

    private enum CodingKeys: CodingKey { case schemaVersion, identity, checkpoint }

    init(identity: String, _ publishing: Registrar.Publishing?) {
        self.identity = identity
        checkpoint = publishing.map { PublishingResult($0, []) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(identity, forKey: .identity)
        try container.encode(checkpoint, forKey: .checkpoint)
    }
}
