internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

/// One entry, named by its index: those of the registry's own life too, and those that are pending.
extension ShowCommand {
    /// Nil for what is no index, such as an agreement's id.
    var index: Int64? { Int64(id).flatMap { $0 >= 0 && String($0) == id ? $0 : nil } }

    func showEntry(_ index: Int64) async throws {
        let console = output.console
        guard asOf == nil else {
            throw RegistryError(
                .usage, "an entry stands as it was signed, on every day", hint: "--as-of goes with an agreement's id")
        }
        let now = currentTime()
        let ledger = try RegistryReading.open(registry: folders.registryFolder, keys: folders.keysFolder, now: now)
        let published = ledger.publishedHead
        guard let head = index < at ?? published.size ? published : at == nil ? ledger.pending?.head : nil,
            index < head.size, at ?? 0 <= published.size, let entry = try ledger.entry(at: index)
        else {
            let size = at ?? ledger.fullHead.size
            throw RegistryError(
                .unavailable, "there is no agreement \(id) and no entry \(index): there are \(size) entries",
                hint: "they are counted from 0; 'bitim list' shows the agreements")
        }
        let agreement = entry.statement?.agreement
        let reading = try await RegistryReading.read(
            ledger, head: head, selection: .agreements(Set([agreement].compactMap { $0 })), now: now,
            at: head == published ? at : nil)
        guard let judged = reading.judged.first(where: { $0.index == index }) else {
            throw RegistryError(.refused, "entry \(index) cannot be read", hint: "see 'bitim audit'")
        }
        let result = ShowEntryResult(reading, judged)
        if output.json {
            console.answer(try JSONOutput.text(result))
        } else {
            let life = LifeText(
                reading: reading, state: agreement.flatMap { reading.state.agreement($0) }, entries: [judged],
                day: nil, keysPath: folders.keysFolder.path, console: console)
            console.answer(life.entryLines.joined(separator: "\n"))
            console.noteDemonstration(ledger)
            console.noteUnknownVersion(ledger)
        }
        try result.verdict.exit()
    }
}

private struct ShowEntryResult: Encodable {
    let schemaVersion = 1
    let demonstration: Bool
    /// `published` or `pending`.
    let state: String
    let verdict: Verdict
    let findings: [Finding]
    let entry: TrailRow
    let statement: EmbeddedJSON?
    /// Of a pending entry, the witnesses that have not cosigned.
    let missing: [String]
    let treeSize: Int64
    let root: String

    private enum CodingKeys: CodingKey {
        case schemaVersion, demonstration, state, verdict, findings, entry, statement, missing, treeSize, root
    }

    init(_ reading: RegistryReading, _ judged: JudgedEntry) {
        let pending = reading.pending(judged.index)
        demonstration = reading.ledger.constitution.demonstration
        state = pending == nil ? "published" : "pending"
        findings = reading.findings(of: judged)
        verdict = findings.verdict
        entry = TrailRow(judged, state: reading.state)
        statement = (judged.entry.statement?.canonicalBytes).flatMap { try? CanonicalJSON(parsing: $0) }
            .map { EmbeddedJSON(value: $0) }
        missing = pending?.missing ?? []
        treeSize = reading.head.size
        root = reading.head.root.hex
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(demonstration, forKey: .demonstration)
        try container.encode(state, forKey: .state)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(findings, forKey: .findings)
        try container.encode(entry, forKey: .entry)
        try container.encode(statement, forKey: .statement)
        try container.encode(missing, forKey: .missing)
        try container.encode(treeSize, forKey: .treeSize)
        try container.encode(root, forKey: .root)
    }
}
