internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Tell the life of an agreement, with the verdict on each of its entries.",
        discussion: HelpText.text(
            """
            Each entry with its legal date, who signed it, the claimed and the proved time, its documents, what it \
            changed, and what later entries did to it. The status is that of today, in UTC. An index shows that one entry, \
            those of the registry itself and those that are pending included.
            """, example: "bitim show KZ-UZ-2025-06", "bitim show KZ-UZ-2025-06 --as-of 2026-01-01 --at 19",
            "bitim show 0"))

    @Argument(
        help: ArgumentHelp(
            "The agreement's id, such as KZ-UZ-2025-06; or an entry's index; or a draft's file; - is stdin.",
            valueName: "id-or-index"),
        completion: Completion.agreements)
    var id: String

    @Argument(help: ArgumentHelp("Another draft, to compare the first with.", valueName: "other"))
    var other: String?

    @Option(help: ArgumentHelp("Where it stood on a day, by law.", valueName: "YYYY-MM-DD"))
    var asOf: String?

    @Option(
        help: ArgumentHelp(
            "By what was known when the ledger had that many entries. The whole ledger is checked all the same.",
            valueName: "size"))
    var at: Int64?

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try InputFile.requireOneStdin([id, other].compactMap { $0 })
        if let at, at < 0 { throw ValidationError("--at is \(at), not a number of entries") }
    }

    func run() async throws {
        let console = output.console
        if DraftPlace.isDraft(id) { return try await DraftReading.show(id, comparedWith: other, folders, output) }
        if other != nil { throw RegistryError(.usage, "\(id) is not a draft", hint: "two drafts can be compared") }
        let agreement = try AgreementArgument.parse(id)
        let day = try asOf.map { try AgreementOptions.value($0, option: "--as-of") } ?? today()
        let reading = try await RegistryReading.read(
            registry: folders.registryFolder, keys: folders.keysFolder, selection: .agreements([agreement]),
            now: currentTime(), at: at)
        let entries = reading.judged.filter { $0.entry.statement?.agreement == agreement }
        guard let state = reading.state.agreement(agreement) else {
            if entries.isEmpty, let index { return try await showEntry(index) }
            if at == nil,
                let error = try await PendingAgreements.error(agreement, in: reading.ledger, now: currentTime())
            {
                throw error
            }
            throw AgreementArgument.unknown(agreement, entries: entries, voided: reading.state.voidedEntries)
        }
        if output.json {
            console.answer(try JSONOutput.text(ShowResult(reading, state, entries, on: day)))
        } else {
            let life = LifeText(
                reading: reading, state: state, entries: entries, day: day, keysPath: folders.keysFolder.path,
                console: console)
            console.answer(life.lines.joined(separator: "\n"))
            console.noteDemonstration(reading.ledger)
            if at == nil { console.notePending(reading.ledger) }
            console.noteUnknownVersion(reading.ledger)
        }
        try ShowResult.verdict(reading, entries).exit()
    }
}

private struct ShowResult: Encodable {
    struct Event: Encodable {
        let row: TrailRow
        let statement: EmbeddedJSON

        private enum CodingKeys: CodingKey { case entry, statement }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(row, forKey: .entry)
            try container.encode(statement, forKey: .statement)
        }
    }

    let schemaVersion = 1
    let demonstration: Bool
    let id: String
    let status: String
    let verdict: Verdict
    let findings: [Finding]
    let events: [Event]
    let treeSize: Int64
    let root: String

    private enum CodingKeys: CodingKey {
        case schemaVersion, demonstration, id, status, verdict, findings, events, treeSize, root
    }

    static func verdict(_ reading: RegistryReading, _ entries: [JudgedEntry]) -> Verdict {
        let ofEffect = entries.filter { reading.state.voidedEntries[$0.index] == nil }
        return max(reading.foundations.verdict, ofEffect.map(\.verdict).max() ?? .failed)
    }

    init(_ reading: RegistryReading, _ state: AgreementState, _ entries: [JudgedEntry], on day: CalendarDate?) {
        demonstration = reading.ledger.constitution.demonstration
        id = state.id.text
        status = state.status(on: day).text
        verdict = Self.verdict(reading, entries)
        findings = reading.foundations
        events = entries.compactMap { judged in
            guard let bytes = judged.entry.statement?.canonicalBytes,
                let json = try? CanonicalJSON(parsing: bytes)
            else { return nil }
            return Event(row: TrailRow(judged, state: reading.state), statement: EmbeddedJSON(value: json))
        }
        treeSize = reading.ledger.publishedHead.size
        root = reading.ledger.publishedHead.root.hex
    }
}
