internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all that the ledger says of one agreement, with the verdict on each of its entries.",
        discussion: HelpText.text(example: "bitim show KZ-UZ-2025-06"))

    @Argument(
        help: ArgumentHelp("The agreement's id, such as KZ-UZ-2025-06; or a draft's file.", valueName: "id"),
        completion: Completion.agreements)
    var id: String

    @Argument(help: ArgumentHelp("Another draft, to compare the first with.", valueName: "other"))
    var other: String?

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        if DraftPlace.isDraft(id) { return try await DraftReading.show(id, comparedWith: other, folders, output) }
        if other != nil { throw RegistryError(.usage, "\(id) is not a draft", hint: "two drafts can be compared") }
        let agreement = try AgreementArgument.parse(id)
        let reading = try await RegistryReading.read(
            registry: folders.registryFolder, keys: folders.keysFolder, selection: .agreements([agreement]),
            now: currentTime())
        let entries = reading.judged.filter { $0.entry.statement?.agreement == agreement }
        guard let state = reading.state.agreements[agreement] else {
            throw AgreementArgument.unknown(agreement, entries: entries)
        }
        if output.json {
            console.answer(try JSONOutput.text(ShowResult(reading, state, entries)))
        } else {
            console.answer(lines(reading, state, entries, console).joined(separator: "\n"))
            console.noteDemonstration(reading.ledger)
        }
        try ShowResult.verdict(reading, entries).exit()
    }

    private func lines(
        _ reading: RegistryReading, _ state: AgreementState, _ entries: [JudgedEntry], _ console: Console
    ) -> [String] {
        var lines = ["\(state.id)  \(state.standing(on: today()).words)"]
        lines += reading.foundations.map(\.line)
        for judged in entries {
            guard let statement = judged.entry.statement else { continue }
            lines.append("")
            lines.append("entry \(judged.index): \(statement.event.name), \(console.styled(judged.verdict))")
            if let voiding = reading.state.voidedEntries[judged.index] {
                lines.append("  of no effect    voided by entry \(voiding)")
            }
            lines += PlainWords.lines(of: statement).map { "  " + VisibleText.escaped($0) }
            for signer in judged.signers {
                let claimed = signer.claimedTime.flatMap { UTCTime(posixSeconds: $0)?.text } ?? "unknown"
                let subject = VisibleText.escaped(signer.subject ?? "certificate not held")
                lines.append("  signed for \(signer.party?.text ?? "nobody") by \(subject)")
                lines.append("    claimed time  \(claimed)")
            }
            lines.append("  proved time     \(provedText(judged.proved))")
            lines.append("  leaf hash       \(ContentDigest(judged.entry.leafHash))")
            for finding in judged.findings { lines.append("  " + finding.line) }
            lines += commands(judged)
        }
        return lines
    }

    private func provedText(_ proved: ProvedInterval) -> String {
        let notBefore = proved.notBefore.flatMap { UTCTime(posixSeconds: $0)?.text } ?? "unknown"
        let notAfter = proved.notAfter.flatMap { UTCTime(posixSeconds: $0)?.text } ?? "not yet published"
        return "not before \(notBefore), not after \(notAfter)"
    }

    /// How to check the signatures without this program.
    private func commands(_ judged: JudgedEntry) -> [String] {
        let keys = folders.keysFolder.path
        let time = judged.proved.notAfter.map { " -attime \($0)" } ?? ""
        return [
            "  with openssl:",
            "    bitim export --entry \(judged.index) --format cms -o entry-\(judged.index).cms",
            "    cat \(keys)/*/authority.pem > both.pem",
            "    openssl cms -verify -inform DER -purpose any -cades\(time) -CAfile both.pem -in entry-\(judged.index).cms",
        ]
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

    init(_ reading: RegistryReading, _ state: AgreementState, _ entries: [JudgedEntry]) {
        demonstration = reading.ledger.constitution.demonstration
        id = state.id.text
        status = state.status(on: today()).text
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
