internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry

struct KeysRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Put a new key in the place of an old one: a signer's, an authority's, a witness's or the log's.",
        discussion: HelpText.text(
            """
            The new key is made here; it counts from the entry on in which every party of the registry has signed the \
            change. What the old key signed before stays valid.

            A key of the log that was made elsewhere is named with --key. Where the change is registered both are \
            needed, the old one and, in keys/private/log-<key id>.pem, the new one.
            """, example: "bitim keys rotate KZ signer --sign KZ,UZ", "bitim keys rotate log --sign KZ,UZ",
            "bitim keys rotate log --key new-log.vkey --draft log.draft"))

    enum Role: String, CaseIterable, ExpressibleByArgument {
        case signer, authority, witness
    }

    @Argument(help: ArgumentHelp("The party, or log.", valueName: "party"), completion: Completion.parties)
    var owner: String

    @Argument(help: ArgumentHelp("signer, authority or witness; not for the log.", valueName: "role"))
    var role: Role?

    @Option(
        help: ArgumentHelp("The number of the signer to replace (default: the one that signs now).", valueName: "n"))
    var signer: Int?

    @Option(help: ArgumentHelp("How long new certificates are valid.", valueName: "years"))
    var years = 10

    @Option(
        help: ArgumentHelp("The verifier key of a log's key that was made elsewhere.", valueName: "file"),
        completion: Completion.files)
    var key: String?

    @Flag(help: "Leave the new private keys unencrypted.")
    var unencrypted = false

    @OptionGroup var change: RegistryChangeOptions

    func validate() throws {
        guard (1...100).contains(years) else { throw ValidationError("--years is from 1 to 100") }
        guard (owner == "log") == (role == nil) else {
            throw ValidationError(
                owner == "log" ? "the log has one key: say only 'log'" : "say which key: signer, authority or witness")
        }
        guard signer == nil || role == .signer else { throw ValidationError("--signer goes with the role signer") }
        guard key == nil || owner == "log" else {
            throw ValidationError("--key is for the log; 'bitim keys enrol' brings a signer, an authority or a witness")
        }
    }

    func run() async throws {
        let ledger = try change.ledger()
        let vault = change.passphrases.vault(
            change.folders.keysFolder, console: change.output.console,
            prompt: "Passphrase that opens the present keys of")
        let party = owner == "log" ? nil : try PartyArgument.parse(owner)
        let makesKey = key == nil
        let secret =
            unencrypted || !makesKey
            ? nil
            : try change.passphrases.passphrase(
                for: party.map { .party($0) } ?? .log, isNew: true, prompt: "Passphrase for the new key of")
        let rotation = KeyRotation(ledger, vault: vault, passphrase: secret, years: years, now: currentTime())
        if let key {
            let made = try rotation.log(
                madeElsewhere: VerifierKeyFile.read(key), mustBeHere: change.draft.path == nil)
            return try await change.register([], vault: vault, made, in: ledger)
        }
        guard let party, let role else {
            return try await change.register([], vault: vault, rotation.log(), in: ledger)
        }
        let made: RegistryChanged
        switch role {
        case .signer: made = try rotation.signer(of: party, replacing: try replaced(party, ledger))
        case .authority: made = try rotation.authority(of: party)
        case .witness: made = try rotation.witness(of: party)
        }
        let keys = change.folders.keysFolder
        let added = Set(made.listChanges.filter { $0.action == .add }.map(\.certificate))
        let certificates = try
            (keys.preparedAuthorities(party).map { [$0] } + keys.preparedSigners(party).map(\.certificates))
            .filter { $0.first.map { added.contains(ContentDigest($0.fingerprint)) } ?? false }.flatMap(\.self)
        try await change.register(certificates, vault: vault, made, in: ledger)
    }

    private func replaced(_ party: PartyID, _ ledger: OpenedLedger) throws -> ContentDigest {
        let listed = Set(ledger.history.state.constitution[party]?.signers.map(\.certificate) ?? [])
        let keys = change.folders.keysFolder
        for known in try SignerChoice(history: ledger.history.state).signers(of: party, in: keys) {
            guard let certificate = known.certificates.first else { continue }
            let digest = ContentDigest(certificate.fingerprint)
            if listed.contains(digest), signer == nil || signer == known.number { return digest }
        }
        throw RegistryError(
            .unavailable, "there is no such listed signer of \(party) in \(keys.path)",
            hint: "'bitim keys list' shows the signers")
    }
}
