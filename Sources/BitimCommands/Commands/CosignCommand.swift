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
            Witnesses whose addresses stand in keys/policy (bitim keys url) are asked for their cosignatures. One whose key \
            is on a machine that is not reached cosigns in a copy of the registry there ('bitim cosign'). What comes back is \
            the checkpoint, one small file.
            """, example: "bitim publish", "bitim publish beta.checkpoint", "bitim publish --watch"))

    @Argument(
        help: ArgumentHelp(
            "The pending checkpoint as it was cosigned elsewhere: its cosignatures are taken over.",
            valueName: "checkpoint"),
        completion: Completion.files)
    var checkpoints: [String] = []

    @Flag(help: "Ask the witnesses again and again, until what is pending is published.")
    var watch = false

    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var output: OutputOptions

    /// Between two questions, in seconds; the first wait is the shortest.
    private static let waits = 1.0...60.0

    func validate() throws {
        try InputFile.requireOneStdin(checkpoints + passphrases.files)
        guard !watch || !network.offline else { throw ValidationError("--watch asks witnesses: leave out --offline") }
    }

    func run() async throws {
        let keys = folders.keysFolder
        let copies = try checkpoints.map {
            CheckpointCopy(source: $0, bytes: try InputFile.read($0, maximumBytes: 1_000_000))
        }
        let vault = passphrases.vault(keys, console: output.console)
        guard watch else {
            let (result, next) = try await publish(copies, vault)
            return try result.tell(output, next: next)
        }
        try await watch(copies, vault)
    }

    /// - Returns: with it what is to be done next, where this machine cannot do it.
    private func publish(
        _ copies: [CheckpointCopy], _ vault: KeyVault
    ) async throws -> (result: PublishingResult, next: String?) {
        let registrar = try await Registrar.open(
            registry: folders.registryFolder, keys: folders.keysFolder, vault: vault, now: currentTime,
            purpose: .completing)
        // Who brings copies is where they are taken over.
        let isElsewhere = try registrar.ledger.pending != nil && copies.isEmpty && !registrar.hasLogKey
        let (publishing, replies) = try await network.complete(
            try await registrar.publish(taking: copies), of: registrar)
        let result = PublishingResult(publishing, [], replies)
        return (result, isElsewhere ? result.sending(from: folders.registryFolder) : nil)
    }

    private func watch(_ copies: [CheckpointCopy], _ vault: KeyVault) async throws {
        guard try network.witnesses(folders.keysFolder) != nil else {
            throw RegistryError(
                .usage, "keys/policy names no address of a witness, so there is nobody to ask",
                hint: "say where they are reached: bitim keys url WITNESS URL")
        }
        var wait = Self.waits.lowerBound
        var told = ""
        while true {
            do {
                let attempt = try await publish(copies, vault)
                guard attempt.result.isPending else { return try attempt.result.tell(output) }
                let words = attempt.result.witnessLines.joined(separator: "\n")
                if words != told {
                    attempt.result.tellWitnesses(output.console)
                    told = words
                }
            } catch let error as RegistryError where error.code == .conflict {
                output.console.message("note: \(VisibleText.escaped(error.message))")
            }
            try await Task.sleep(for: .seconds(wait * Double.random(in: 0.8...1)))
            wait = min(Self.waits.upperBound, wait * 2)
        }
    }
}
