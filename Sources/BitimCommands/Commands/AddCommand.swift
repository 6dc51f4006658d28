internal import Agreements
internal import ArgumentParser
internal import Registry
internal import TiledLog

struct AddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register an agreement with its documents, or all those of a catalogue.",
        discussion: HelpText.text(
            """
            Every party of an agreement signs it; their keys must be at hand. What is not known stays out: a missing \
            option is registered as unknown, never guessed.

            With --draft nothing is signed: the draft goes to the parties, who sign it with 'bitim sign', each where its \
            keys are; then it is registered with all signatures. Deleting the file throws it away. The key of a \
            restricted document is written beside the draft: it goes with the document, over a safe way.

            With --from and a file of signed entries (CMS SignedData in DER, one after the other, as 'bitim export --format \
            cms' writes one) they are checked on all cores, and registered in their order; their documents are named after \
            it, or are in the registry.

            Restricted documents that the ledger commits to already, and their keys, are put in their places when nothing \
            but these is named: so a witness with a copy of its own comes to hold them.
            """,
            example: """
                bitim add contract.pdf --title "en=Supply contract" \\
                    --kind agreement --date 2026-11-02 --sign ACME,BETA
                """,
            """
            bitim add contract.pdf --title "en=Supply contract" --kind agreement \\
                --sign ACME,BETA --draft supply.draft --expires 2026-12-31
            """, "bitim add supply.draft contract.pdf",
            "bitim add --from signed-entries.der contracts/*.pdf",
            "bitim add treaty.pdf --key treaty.pdf.key"))

    @Argument(
        help: ArgumentHelp(
            "The agreement's documents; or a signed draft, with its documents; - is stdin.", valueName: "file"),
        completion: Completion.files)
    var files: [String] = []

    @Option(
        name: .customLong("from"),
        help: ArgumentHelp(
            "Register all agreements of this catalogue, or all entries of this file, which are signed already.",
            valueName: "file"), completion: Completion.files)
    var catalogue: String?

    @Option(
        help: ArgumentHelp(
            "The agreement's parties, who sign with the keys here; with --draft, each signs later.", valueName: "KZ,UZ")
    )
    var sign: String?

    @Option(
        help: ArgumentHelp(
            """
            With a signed draft: the key of a restricted document, where it is not beside the draft. With documents alone: \
            the key of one that is registered. Repeatable.
            """,
            valueName: "file"))
    var key: [String] = []

    @OptionGroup(title: "A draft") var draft: DraftOptions
    @OptionGroup(title: "The agreement") var description: AgreementOptions
    @OptionGroup(title: "Its documents") var documents: DocumentOptions
    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var output: OutputOptions

    /// Entries a checkpoint; more would only make a longer wait before anything is safe.
    private static let batchSize = 1024

    func validate() throws {
        try InputFile.requireOneStdin(
            files + key + documents.restricted + passphrases.files + (catalogue.map { [$0] } ?? []))
        if isDelivery { return }
        guard key.isEmpty || draftPath != nil else {
            throw ValidationError(
                "--key goes with a signed draft, or with documents alone that are registered already: a new document gets a new key"
            )
        }
        if catalogue != nil {
            guard draft.path == nil else { throw ValidationError("--draft is for one agreement, not for a catalogue") }
            // It may be a file of signed entries, with their documents: the file tells.
            if sign == nil, description.isEmpty, documents.restricted.isEmpty { return }
            try requireCatalogueAlone()
        } else {
            guard !files.isEmpty || !documents.restricted.isEmpty else {
                throw ValidationError("name at least one document, a draft, or a catalogue with --from")
            }
            // It may be a draft, which says all that options could say: the files tell.
            if !files.isEmpty, draftPath != nil || (description.isEmpty && sign == nil) { return }
        }
        try requireFacts()
    }

    private func requireCatalogueAlone() throws {
        guard files.isEmpty, description.isEmpty, documents.restricted.isEmpty else {
            throw ValidationError("--from takes everything from the catalogue: leave out files and --title, --kind …")
        }
    }

    private func requireFacts() throws {
        if catalogue == nil {
            // The title of a restricted agreement may be restricted too.
            guard !description.title.isEmpty || !documents.restricted.isEmpty else {
                throw ValidationError("--title is missing, as in --title en=Agreement")
            }
            guard description.kind != nil else {
                throw ValidationError("--kind is missing: \(AgreementRegistered.Kind.expectation)")
            }
        }
        guard sign != nil else { throw ValidationError("--sign is missing, as in --sign KZ,UZ") }
    }

    func run() async throws {
        if isDelivery { return try await deliver() }
        if catalogue == nil, let path = draftPath { return try await addDraft(path) }
        if let catalogue, Files.kind(catalogue) == nil {
            throw RegistryError(
                .unavailable, "\(catalogue): no such file",
                hint: "check the path of the catalogue or of the signed entries")
        }
        if let catalogue, SignedEntries.isBeginning(of: catalogue) { return try await addEntries(of: catalogue) }
        // Before what is missing of a document's facts: it may have been meant to be a draft.
        for path in files where Files.kind(path) == nil {
            throw RegistryError(.unavailable, "\(path): no such file", hint: "check the path of the document or draft")
        }
        if catalogue != nil { try requireCatalogueAlone() }
        try requireFacts()
        let signers = try JointSigners.list(sign ?? "")
        if let catalogue {
            try await addAll(of: Catalogue(path: catalogue), signers: signers)
        } else {
            try await addOne(signers: signers)
        }
    }

    /// - Parameter signing: whether these parties sign entries; else they only cosign.
    func open(signers: [PartyID], signing: Bool = true) async throws -> Registrar {
        let keys = folders.keysFolder
        let vault = passphrases.vault(keys, console: output.console)
        try vault.unlock(signers.map { .party($0) } + [.log], signing: signing)
        let registrar = try await Registrar.open(
            registry: folders.registryFolder, keys: keys, vault: vault, now: currentTime)
        try network.reach(registrar)
        return registrar
    }

    // MARK: One agreement

    private func addOne(signers: [PartyID]) async throws {
        let console = output.console
        if signers.count == 1, let party = signers.first {
            console.message("note: \(party) is the only party of this agreement: --sign names all of them")
        }
        let described = try documents.read(files)
        let body = try description.body(parties: signers, documents: described.documents)
        // What is shown is made from a first look; after the answer it is made again under the lock.
        let preview = try await RegistryReading.read(
            registry: folders.registryFolder, keys: folders.keysFolder, selection: .state, now: currentTime())
        let isSame = { (known: AgreementRegistered) in
            body.isSame(as: known, restricted: described.restricted, registry: folders.registryFolder)
        }
        let id = try description.chosenID(parties: signers, body: body, state: preview.state, isSame: isSame)
        let shown = Statement(
            agreement: id, event: .agreementRegistered(body), ledger: .registry(preview.ledger.identity), previous: nil,
            tree: nil)
        if let known = preview.state.agreement(id), isSame(known.registrationAsSigned) {
            return try tellKnown(known, preview)
        }
        if draft.path != nil {
            try await draft.write(
                .agreementRegistered(body), agreement: id, restricted: described.restricted, folders: folders,
                output: output)
            if description.id == nil {
                console.message("note: id \(id) chosen; another draft may take it too: give one with --id")
            }
            return
        }
        try confirmation.confirm(
            ["To be signed by \(signers.map(\.text).joined(separator: ", ")): the registration of \(id)"]
                + PlainWords.lines(of: shown).map { "  " + $0 }, console: console)
        let registrar = try await open(signers: signers)
        // What is pending, or came since the first look, has its id too.
        let current = try description.chosenID(parties: signers, body: body, state: registrar.state, isSame: isSame)
        guard current == id || confirmation.yes else {
            throw RegistryError(
                .conflict, "\(id) was given to another agreement meanwhile; \(current) is free",
                hint: "run the command again with --id \(current)")
        }
        if let known = registrar.state.agreement(current), isSame(known.registrationAsSigned) {
            let registered = Registrar.Registered(
                index: known.entryIndices[0], leafHash: known.registrationLeafHash, agreement: current, wasThere: true)
            return try await tell(try await registrar.publish(), of: registrar, [registered])
        }
        let statement = try registrar.statement(of: .agreementRegistered(body), agreement: current)
        try JointSigners.require(
            signers, toBe: registrar.state.requiredSigners(of: statement).sorted(), of: statement.event)
        let registered = try registrar.sign(
            statement, documents: described.files, restricted: described.restricted)
        try await tell(try await registrar.commit(), of: registrar, [registered])
    }

    /// Asks the witnesses elsewhere, and says what has become of the entries.
    func tell(
        _ committed: Registrar.Publishing, of registrar: Registrar, _ registered: [Registrar.Registered]
    ) async throws {
        let (publishing, replies) = try await network.complete(committed, of: registrar)
        try PublishingResult(publishing, registered, replies).tell(output)
    }

    private func tellKnown(_ known: AgreementState, _ reading: RegistryReading) throws {
        let registered = Registrar.Registered(
            index: known.entryIndices[0], leafHash: known.registrationLeafHash, agreement: known.id, wasThere: true)
        try PublishingResult(.published(reading.ledger.publishedHead), [registered]).tell(output)
    }

    // MARK: A catalogue

    private func addAll(of catalogue: Catalogue, signers: [PartyID]) async throws {
        let console = output.console
        guard !catalogue.records.isEmpty else {
            throw RegistryError(.usage, "the catalogue has no agreements", hint: "see docs/catalogue.md for the form")
        }
        try confirmation.confirm(
            [
                "To be signed by \(signers.map(\.text).joined(separator: ", ")): the registration of "
                    + "\(catalogue.records.count) agreements"
            ]
                + catalogue.records.prefix(20).map {
                    "  \($0.id)  \($0.body.titleStatus.text): \($0.body.title?.preferred ?? "(not public)")"
                }
                + (catalogue.records.count > 20 ? ["  … and \(catalogue.records.count - 20) more"] : []),
            console: console)
        let registrar = try await open(signers: signers)
        let bar = ProgressBar("registering", console: console)
        var registered: [Registrar.Registered] = []
        var publishing = try await registrar.publish()
        var queued = 0
        for (position, record) in catalogue.records.enumerated() {
            if let known = registrar.state.agreement(record.id) {
                guard
                    record.body.isSame(
                        as: known.registrationAsSigned, restricted: record.restricted,
                        registry: folders.registryFolder)
                else {
                    throw RegistryError(
                        .conflict, "\(record.id) is registered with other facts than the catalogue has",
                        hint: "an entry is never changed; what was registered before it stays")
                }
                registered.append(
                    .init(
                        index: known.entryIndices[0], leafHash: known.registrationLeafHash, agreement: record.id,
                        wasThere: true))
            } else {
                let statement = try registrar.statement(of: .agreementRegistered(record.body), agreement: record.id)
                try JointSigners.require(
                    signers, toBe: registrar.state.requiredSigners(of: statement).sorted(), of: statement.event)
                registered.append(
                    try registrar.sign(statement, documents: record.documents, restricted: record.restricted))
                queued += 1
            }
            if queued == Self.batchSize || position == catalogue.records.count - 1 {
                publishing = try await registrar.commit()
                queued = 0
            }
            bar.update(Int64(position + 1), of: Int64(catalogue.records.count))
        }
        bar.clear()
        if catalogue.laterEventCount > 0 {
            console.message(
                "note: the catalogue tells of \(catalogue.laterEventCount) later events: record each with 'bitim record'"
            )
        }
        try await tell(publishing, of: registrar, registered)
    }
}
