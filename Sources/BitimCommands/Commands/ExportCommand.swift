internal import Agreements
internal import ArgumentParser
internal import Registry
internal import TiledLog

struct ExportCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case json, csv, cms }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Export an audit trail, one entry with its certificates, or a document.",
        discussion: HelpText.text(
            """
            json and csv give one row an event, for one agreement or for all. cms gives one entry that any OpenSSL \
            verifies: the registration of the agreement, or the one named with --entry. Restricted documents are in \
            neither: --document NAME hands out one document, and with a restricted one its key, in FILE.key beside it.
            """, example: "bitim export KZ-UZ-2025-06 --output trail.json",
            "bitim export --format csv --output trail.csv",
            "bitim export KZ-UZ-2025-06 --format cms --output entry.cms",
            "bitim export KZ-UZ-2025-06 --document record.txt --output record.txt"))

    @Argument(
        help: ArgumentHelp("The agreement's id; without it, all of them.", valueName: "id"),
        completion: Completion.agreements)
    var id: String?

    @Option(help: "json, csv or cms.")
    var format = Format.json

    @Option(help: ArgumentHelp("For cms, or a document: the index of the entry.", valueName: "index"))
    var entry: Int64?

    @Option(help: ArgumentHelp("The document of the agreement that has this name, as it is.", valueName: "name"))
    var document: String?

    @Option(
        name: [.customShort("o"), .long], help: ArgumentHelp("Where to write it; - is stdout.", valueName: "file"),
        completion: Completion.files)
    var output = "-"

    @Flag(help: "Write the file anew if it is there.")
    var force = false

    @OptionGroup var folders: FolderOptions

    @Flag(name: .shortAndLong, help: "No messages.")
    var quiet = false

    @Flag(help: "The same as --format json.")
    var json = false

    func validate() throws {
        if json, format == .csv || format == .cms {
            throw ValidationError("--json does not go with --format \(format.rawValue)")
        }
        if document != nil {
            guard id != nil else { throw ValidationError("--document needs the id of its agreement") }
            guard !force else { throw ValidationError("--force goes without --document: no document is overwritten") }
            guard format == .json, !json else { throw ValidationError("--document goes without --format and --json") }
            return
        }
        if format == .cms, id == nil, entry == nil {
            throw ValidationError("--format cms needs an id or --entry INDEX")
        }
        if format != .cms, entry != nil { throw ValidationError("--entry goes with --format cms") }
    }

    func run() async throws {
        let console = Console(isQuiet: quiet)
        if output != "-", document == nil { try OutputFile.check(output, force: force) }
        let agreement = try id.map(AgreementArgument.parse)
        let reading = try await RegistryReading.read(
            registry: folders.registryFolder, keys: folders.keysFolder,
            selection: agreement.map { .agreements([$0]) } ?? .all, now: currentTime())
        if let agreement, reading.state.agreement(agreement) == nil {
            throw AgreementArgument.unknown(
                agreement, entries: reading.judged.filter { $0.entry.statement?.agreement == agreement })
        }
        if let document, let agreement {
            let export = try DocumentExport(document, of: agreement, entry: entry, in: reading)
            try exportDocument(export, console)
            console.noteDemonstration(reading.ledger)
            try max(export.entry.verdict, reading.foundations.verdict).exit()
        } else if format == .cms {
            try exportEntry(reading, agreement, console)
        } else {
            let trail = Trail(reading, agreement: agreement)
            let text = format == .csv ? trail.csv(escaping: VisibleText.escaped) : try JSONOutput.text(trail)
            try write(Array(text.utf8), console)
            console.noteDemonstration(reading.ledger)
            try trail.verdict.exit()
        }
    }

    private func exportEntry(_ reading: RegistryReading, _ agreement: AgreementID?, _ console: Console) throws {
        let judged = reading.judged.first { judged in
            if let entry { return judged.index == entry }
            return judged.entry.statement?.agreement == agreement
        }
        guard let judged else {
            throw RegistryError(
                .unavailable, "there is no such entry\(id.map { " of \($0)" } ?? "") in the published ledger",
                hint: "'bitim show ID' gives the indices of an agreement's entries")
        }
        try write(reading.availableEntry(judged), console)
        for finding in judged.findings { console.message(finding.line) }
        console.noteDemonstration(reading.ledger)
        var verdict = max(judged.verdict, reading.foundations.verdict)
        if let voiding = reading.state.voidedEntries[judged.index] {
            // As 'bitim verify' says of the file: what is of no effect is nothing to rely on.
            console.message("note: entry \(judged.index) is of no effect: voided by entry \(voiding)")
            verdict = .failed
        }
        try verdict.exit()
    }

    private func exportDocument(_ export: DocumentExport, _ console: Console) throws {
        guard output != "-" else {
            guard !export.isRestricted else {
                throw RegistryError(
                    .usage, "a restricted document is not put out without its key",
                    hint: "write both to files with -o FILE")
            }
            return try export.stream { console.answer(bytes: Array($0)) }
        }
        let path = Files.kind(output) == .folder ? "\(output)/\(export.document.name)" : output
        guard Files.kind(path) == nil else {
            throw RegistryError(
                .conflict, "\(path) is there already", hint: "nothing is overwritten: name another file with -o")
        }
        let (folder, name) = try OutputFile.place(path)
        try export.write(to: name, in: folder)
        guard export.isRestricted else { return }
        console.message(
            "note: its key is in \(VisibleText.escaped("\(path).key")): with both, anyone can prove the document"
        )
    }

    private func write(_ bytes: [UInt8], _ console: Console) throws {
        guard output != "-" else { return console.answer(bytes: bytes) }
        try OutputFile.write(bytes, to: output, force: force)
    }
}
