internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the agreements.",
        discussion: HelpText.text(
            """
            The entries are held against the published checkpoint; whose signatures they carry is not checked here: \
            'bitim audit' does. A status is that of today, in UTC. In a large registry --search goes by an index, which is \
            made once: what it finds is held against the checkpoint.
            """, example: "bitim list", "bitim list --status in-force --party KZ --search water",
            "bitim list --as-of 2025-12-31", "bitim list --at 19"))

    @OptionGroup(title: "Which") var filter: ListFilter
    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reading = try await RegistryReading.read(
            registry: folders.registryFolder, keys: folders.keysFolder,
            selection: try filter.words.map { .search($0) } ?? .none, now: currentTime(), at: filter.at)
        let states = try filter.chosen(from: reading.agreements, reading.state)
        do {
            try answer(reading, states, await pending(reading.ledger))
        } catch let error as RegistryError {
            // What only waits may be gone: what is registered is listed all the same.
            try answer(reading, states, [])
            throw error
        }
    }

    private func answer(
        _ reading: RegistryReading, _ states: [AgreementState], _ pending: [AgreementState]
    ) throws {
        let console = output.console
        let day = try filter.day
        if output.json { return console.answer(try JSONOutput.text(ListResult(reading, states, pending, on: day))) }
        if output.quiet { return console.answer(states.map { "\($0.id)\n" }.joined()) }
        var table = Table(["ID", "KIND", "STATUS", "CONCLUDED", "PARTIES", "TITLE IS", "TITLE"])
        let rows = states.map { ($0, $0.status(on: day).text) } + pending.map { ($0, Self.pendingStatus) }
        for (state, status) in rows {
            let body = state.registration
            table.add([
                state.id.text, body.kind.text, status, body.concluded.date?.text ?? "unknown",
                body.parties.map(\.party.text).joined(separator: ","), body.titleStatus.text,
                body.title?.preferred ?? "(not public)",
            ])
        }
        if table.rows.isEmpty {
            // Of one who filters, the mistake may be in the filter.
            console.message(
                reading.state.agreementCount == 0
                    ? "note: no agreement is registered"
                    : "note: no agreement is as asked for; 'bitim list' shows them all")
        } else {
            console.answer(table.text(width: console.width))
        }
        console.noteDemonstration(reading.ledger)
        console.notePending(reading.ledger)
        console.noteUnknownVersion(reading.ledger)
    }

    /// In the place of a status, which only what is registered has.
    fileprivate static let pendingStatus = "pending"

    /// What is pending, of a listing that asks for what there is now.
    private func pending(_ ledger: OpenedLedger) async throws -> [AgreementState] {
        guard filter.at == nil, filter.asOf == nil, filter.status == nil,
            let state = try await PendingAgreements.state(ledger, now: currentTime())
        else { return [] }
        return try filter.chosen(from: state.agreements, state).filter { PendingAgreements.isPending($0, ledger) }
    }
}

private struct ListResult: Encodable {
    struct Agreement: Encodable {
        let id: String
        let title: [String: String]?
        let titleStatus: String
        let kind: String
        let field: String?
        let status: String
        let concluded: String?
        let parties: [String]
        let entries: Int
        let lastIndex: Int64

        private enum CodingKeys: CodingKey {
            case id, title, titleStatus, kind, field, status, concluded, parties, entries, lastIndex
        }

        init(_ state: AgreementState, status: String) {
            let body = state.registration
            id = state.id.text
            title = body.title?.byLanguage
            titleStatus = body.titleStatus.text
            kind = body.kind.text
            field = body.field
            self.status = status
            concluded = body.concluded.date?.text
            parties = body.parties.map(\.party.text)
            entries = state.entryIndices.count
            lastIndex = state.entryIndices.last ?? -1
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(title, forKey: .title)
            try container.encode(titleStatus, forKey: .titleStatus)
            try container.encode(kind, forKey: .kind)
            try container.encode(field, forKey: .field)
            try container.encode(status, forKey: .status)
            try container.encode(concluded, forKey: .concluded)
            try container.encode(parties, forKey: .parties)
            try container.encode(entries, forKey: .entries)
            try container.encode(lastIndex, forKey: .lastIndex)
        }
    }

    let schemaVersion = 1
    let demonstration: Bool
    let agreements: [Agreement]
    /// Signed by the log, and not registered.
    let pending: [Agreement]
    let treeSize: Int64
    let root: String

    private enum CodingKeys: CodingKey { case schemaVersion, demonstration, agreements, pending, treeSize, root }

    init(
        _ reading: RegistryReading, _ states: [AgreementState], _ pending: [AgreementState], on day: CalendarDate?
    ) {
        demonstration = reading.ledger.constitution.demonstration
        agreements = states.map { Agreement($0, status: $0.status(on: day).text) }
        self.pending = pending.map { Agreement($0, status: ListCommand.pendingStatus) }
        treeSize = reading.ledger.publishedHead.size
        root = reading.ledger.publishedHead.root.hex
    }
}
