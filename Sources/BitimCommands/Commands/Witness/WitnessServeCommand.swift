internal import Agreements
internal import ArgumentParser
internal import BitimServer
internal import HTTPClient
internal import Logging
internal import Registry
internal import TiledLog

struct WitnessServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer logs that ask for cosignatures (C2SP tlog-witness).",
        discussion: HelpText.text(
            """
            Before it cosigns, the witness fetches what is new from where the ledger is served, and checks it in full as \
            'bitim audit' does. What does not pass it refuses, with what it has found. Its copy of the registry is one \
            like any other: list, audit and export work on it.

            With --ledger it witnesses several registries: each in a folder of its own, with keys/ and registry/ in it, \
            and the ledger's address in keys/policy (bitim keys url).

            With --check consistency it is a plain witness of the logs in the policy of --keys, and checks only that \
            they grow: see 'bitim witness new'. docs/witness.md has every answer that it gives.
            """, example: "bitim witness serve KZ --from https://kz-uz.example --listen 127.0.0.1:8081",
            "bitim witness serve KZ --ledger a --ledger b --listen 127.0.0.1:8081",
            "bitim witness serve --check consistency --keys w1 --listen 127.0.0.1:8082"))

    enum Check: String, ExpressibleByArgument, CaseIterable {
        case audit, consistency
    }

    @Argument(
        help: ArgumentHelp("The party whose witness it is.", valueName: "party"), completion: Completion.parties)
    var party: String?

    @Option(help: ArgumentHelp("Where the ledger is served (default: as keys/policy has it).", valueName: "url"))
    var from: String?

    @Option(
        help: ArgumentHelp("A folder with keys/ and registry/ of one registry. Repeatable.", valueName: "folder"),
        completion: Completion.folders)
    var ledger: [String] = []

    @Option(help: ArgumentHelp("What is checked before it cosigns: audit or consistency.", valueName: "what"))
    var check = Check.audit

    @Option(
        help: ArgumentHelp("How often it looks for what is published meanwhile (default: 60).", valueName: "seconds"))
    var interval: Int = 60

    @OptionGroup var server: ServerOptions
    @OptionGroup var client: ClientOptions
    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions

    func validate() throws {
        guard (1...86_400).contains(interval) else { throw ValidationError("--interval is from 1 to 86400 seconds") }
        switch check {
        case .consistency:
            guard party == nil, from == nil, ledger.isEmpty else {
                throw ValidationError(
                    "--check consistency is nobody's in particular: leave out the party, --from and --ledger")
            }
        case .audit:
            guard party != nil else { throw ValidationError("say whose witness it is, as in: bitim witness serve KZ") }
            guard from == nil || ledger.isEmpty else {
                throw ValidationError("--from is for one registry: with --ledger, addresses stand in each keys/policy")
            }
        }
    }

    func run() async throws {
        let console = Console()
        switch check {
        case .consistency:
            let keys = folders.keysFolder
            let vault = passphrases.vault(keys, console: console)
            try vault.unlock([.plainWitness])
            let witness = try PlainWitness(keys: keys, vault: vault, now: currentTime)
            try await server.process().witness(WitnessSet(plain: witness)) { _, _ in }
        case .audit:
            let party = try PartyArgument.parse(party ?? "")
            let client = client.client()
            var witnesses: [AuditingWitness] = []
            for (registry, keys) in ledgers() {
                let witness = AuditingWitness(
                    party: party, registry: registry, keys: keys, url: try address(keys), client: client,
                    vault: passphrases.vault(keys, console: console), now: currentTime)
                try await witness.requireAble()
                witnesses.append(witness)
            }
            let followed = witnesses
            let interval = interval
            try await server.process().witness(WitnessSet(auditing: witnesses)) { logger, countEvidence in
                // Each by itself: one whose server is slow holds up no other.
                await withTaskGroup(of: Void.self) { group in
                    for witness in followed {
                        group.addTask { await Self.follow(witness, every: interval, logger, countEvidence) }
                    }
                }
            }
        }
    }

    private func ledgers() -> [(RegistryFolder, KeysFolder)] {
        guard !ledger.isEmpty else { return [(folders.registryFolder, folders.keysFolder)] }
        return ledger.map { (RegistryFolder(path: "\($0)/registry"), KeysFolder(path: "\($0)/keys")) }
    }

    private func address(_ keys: KeysFolder) throws -> String {
        if let from { return from }
        guard let url = try keys.logURL() else {
            throw RegistryError(
                .usage, "where the ledger is served is not known in \(keys.path)",
                hint: "say it with --from URL, or for good with 'bitim keys url log URL'")
        }
        return url
    }

    /// Brings the copy up to what is published, until it is cancelled. What cannot be had is told, and tried again.
    private static func follow(
        _ witness: AuditingWitness, every seconds: Int, _ logger: Logger, _ countEvidence: @Sendable () -> Void
    ) async {
        while !Task.isCancelled {
            do {
                try await witness.follow()
            } catch let error as RegistryError where error.code == .pending {
                logger.info("nothing is published yet", metadata: ["registry": "\(witness.registry.path)"])
            } catch {
                let isFork = EvidenceFile.isFork((error as? RegistryError)?.findings ?? [])
                if isFork { countEvidence() }
                logger.log(
                    level: isFork ? .critical : .warning, "the copy is not brought up to date",
                    metadata: ["registry": "\(witness.registry.path)", "why": "\(error)"])
            }
            do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
        }
    }
}
