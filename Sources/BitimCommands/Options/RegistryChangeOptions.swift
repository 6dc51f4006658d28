internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry

/// What every change of the registry's keys has: it is signed by all of its parties, like any entry.
struct RegistryChangeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Who signs with the keys here: every party of the registry. Not with --draft.", valueName: "KZ,UZ"))
    var sign: String?

    @Option(help: ArgumentHelp("Why, in one line.", valueName: "text"))
    var notes: String?

    @OptionGroup(title: "A draft") var draft: DraftOptions
    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard sign == nil || draft.path == nil else {
            throw ValidationError(
                "with --draft nobody signs yet: leave --sign out, and have each party run 'bitim sign'")
        }
        guard sign != nil || draft.path != nil else {
            throw ValidationError("say who signs here, as in --sign KZ,UZ, or write a draft for others: --draft FILE")
        }
    }

    /// The ledger, once it is sure that the change could be signed: before any key is made.
    func ledger() throws -> OpenedLedger {
        let ledger = try openedLedger()
        try ledger.history.requireRecognised()
        let required = ledger.history.state.constitution.parties.map(\.party)
        let named = try sign.map(PartyArgument.list) ?? required
        guard Set(named) == Set(required), named.count == required.count else {
            let names = required.map(\.text).joined(separator: ",")
            throw RegistryError(
                .usage, "a change of the registry's keys is signed by exactly \(names)", hint: "say --sign \(names)")
        }
        return ledger
    }

    func openedLedger() throws -> OpenedLedger {
        do {
            return try OpenedLedger.open(registry: folders.registryFolder, keys: folders.keysFolder)
        } catch let error as OpenedLedger.Unopenable {
            throw RegistryError(
                .refused, "the registry does not hold: \(error.findings.first?.message ?? "")",
                hint: "see 'bitim audit'", findings: error.findings)
        }
    }

    /// Shows, asks, signs and registers.
    ///
    /// - Parameters:
    ///   - certificates: those that the change brings onto a list, and intermediates.
    ///   - change: made from the ledger as it is now.
    ///   - prepare: puts aside what was brought, once nothing is in its way.
    func register(
        _ certificates: [Certificate], vault: KeyVault, _ change: RegistryChanged, in ledger: OpenedLedger,
        prepare: () throws -> Void = {}
    ) async throws {
        try tellLeftovers(beside: change, in: ledger)
        let signers = try PartyArgument.list(sign ?? "")
        let change = RegistryChanged(
            authorities: change.authorities, signers: change.signers, log: change.log, quorum: change.quorum,
            notes: notes)
        if draft.path != nil {
            return try await draft.write(
                .registryChanged(change), agreement: nil, offered: certificates, folders: folders, output: output,
                afterwards: prepare)
        }
        let shown = Statement(
            agreement: nil, event: .registryChanged(change), ledger: .registry(ledger.identity), previous: nil,
            tree: nil)
        try confirmation.confirm(
            ["To be signed by \(signers.map(\.text).joined(separator: ", ")): a change of the registry's keys"]
                + PlainWords.lines(
                    of: shown,
                    subjects: CertificateSubjects.known(
                        registry: folders.registryFolder, keys: folders.keysFolder, offered: certificates)
                ).map { "  " + $0 },
            console: output.console)
        try vault.unlock(signers.map { .party($0) } + [.log])
        let registrar = try await Registrar.open(
            registry: folders.registryFolder, keys: folders.keysFolder, vault: vault, now: currentTime)
        try network.reach(registrar)
        registrar.offer(certificates)
        let statement = try registrar.statement(of: .registryChanged(change), agreement: nil)
        let registered = try registrar.sign(statement, documents: [:])
        try prepare()
        let (publishing, replies) = try await network.complete(try await registrar.commit(), of: registrar)
        try PublishingResult(publishing, [registered], replies).tell(output)
    }

    /// What waits for another change, or for none, and is not part of this one.
    private func tellLeftovers(beside change: RegistryChanged, in ledger: OpenedLedger) throws {
        let left = try ledger.history.state.constitution.parties
            .map { try PreparedKeys(of: $0.party, beside: change, in: ledger) }.filter { !$0.files.isEmpty }
        guard !left.isEmpty else { return }
        let files = left.flatMap(\.files).map(folders.keysFolder.fullPath).joined(separator: ", ")
        let drops = left.map { "'bitim keys discard \($0.party)'" }.joined(separator: " and ")
        output.console.message(
            VisibleText.escaped(
                "note: prepared, and no part of this change: \(files); \(drops) drops what no draft needs"))
    }
}
