internal import Agreements
internal import ArgumentParser
internal import Registry

/// How an event becomes an entry.
struct RecordingOptions: ParsableArguments {
    @OptionGroup(title: "A draft") var draft: DraftOptions
    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var output: OutputOptions

    /// - Parameters:
    ///   - shown: what is asked about.
    ///   - documents: where the bytes of its documents are, by digest.
    ///   - current: the same event for the ledger as it is when the lock is held.
    func record(
        _ agreement: AgreementID?, _ shown: Event, heading: String, signers: [PartyID], identity: ContentDigest,
        documents: [ContentDigest: String], restricted: [DocumentCommitment: RestrictedDocument] = [:],
        current: (LedgerState) throws -> Event
    ) async throws {
        if draft.path != nil {
            return try await draft.write(
                shown, agreement: agreement, signers: signers, restricted: restricted, folders: folders, output: output)
        }
        let statement = Statement(
            agreement: agreement, event: shown, ledger: .registry(identity), previous: nil, tree: nil)
        try confirmation.confirm(
            ["To be signed by \(signers.map(\.text).joined(separator: ", ")): \(heading)"]
                + PlainWords.lines(of: statement).map { "  " + $0 }, console: output.console)
        let keys = folders.keysFolder
        let vault = passphrases.vault(keys, console: output.console)
        try vault.unlock(signers.map { .party($0) } + [.log])
        let registrar = try await Registrar.open(
            registry: folders.registryFolder, keys: keys, vault: vault, now: currentTime)
        try network.reach(registrar)
        guard try current(registrar.state) == shown else {
            throw RegistryError(
                .conflict, "what the event rests on was changed meanwhile", hint: "run the command again, and look")
        }
        let next = try registrar.statement(of: shown, agreement: agreement)
        // Of an agreement that is not registered, the rules have more to say.
        if !registrar.state.requiredSigners(of: next).isEmpty {
            try JointSigners.require(signers, toBe: registrar.state.requiredSigners(of: next).sorted(), of: shown)
        }
        let registered = try registrar.sign(next, documents: documents, restricted: restricted)
        let (publishing, replies) = try await network.complete(try await registrar.commit(), of: registrar)
        try PublishingResult(publishing, [registered], replies).tell(output)
    }
}
