internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Prove that an entry is registered, in a file that verifies without the registry.",
        discussion: HelpText.text(
            """
            An agreement's id stands for its registration; any other entry is named by its index, which 'bitim show' \
            gives. The proof (C2SP tlog-proof) is written to stdout or to a file; into a folder it is written together \
            with the entry and its certificates (.cms), and 'bitim verify' holds one against the other from keys/ alone.

            --pending tells of an entry that the log has signed and the quorum has not cosigned yet: that is no proof, \
            and ends with status 3.
            """, example: "bitim prove KZ-UZ-2025-06 --output .", "bitim prove 6 --output entry-6.tlog-proof",
            "bitim prove KZ-UZ-2026-01 --pending"))

    @Argument(
        help: ArgumentHelp("The agreement's id, or an entry's index.", valueName: "id-or-index"),
        completion: Completion.agreements)
    var subject: String

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "Where to write it: a file for the proof, or a folder for the proof and the entry; - is stdout.",
            valueName: "file-or-folder"), completion: Completion.files)
    var output = "-"

    @Option(
        help: ArgumentHelp(
            "Prove against the published checkpoint of that size (default: the latest).", valueName: "size"))
    var checkpoint: Int64?

    @Flag(help: "Tell of an entry that is signed and not yet published.")
    var pending = false

    @OptionGroup var folders: FolderOptions
    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        if pending, checkpoint != nil { throw ValidationError("--checkpoint does not go with --pending") }
    }

    func run() async throws {
        let console = outputOptions.console
        let proving = Proving(registry: folders.registryFolder, keys: folders.keysFolder, now: currentTime())
        let proved =
            pending
            ? try await proving.provePending(parsedSubject())
            : try await proving.prove(parsedSubject(), checkpoint: checkpoint)
        let files = files(of: proved)
        try OutputFile.create(files)
        if outputOptions.json {
            console.answer(try JSONOutput.text(ProveResult(proved, files: files.map(\.path))))
        } else if files.isEmpty {
            console.answer(bytes: proved.proof)
        } else {
            console.answer(files.map { VisibleText.escaped($0.path) + "\n" }.joined())
        }
        tell(proved, console)
        try proved.verdict.exit()
    }

    /// All digits are an index: agreements can be called so, and are then named by theirs.
    private func parsedSubject() throws -> Proving.Subject {
        if subject.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            guard let index = Int64(subject), String(index) == subject else {
                throw RegistryError(
                    .usage, "'\(subject)' is not an entry's index", hint: "indices are decimal, without leading zeros")
            }
            return .index(index)
        }
        return .agreement(try AgreementArgument.parse(subject))
    }

    private func files(of proved: ProvedEntry) -> [(path: String, bytes: [UInt8])] {
        guard output != "-" else { return [] }
        guard output.hasSuffix("/") || Files.kind(output) == .folder else { return [(output, proved.proof)] }
        let folder = output.hasSuffix("/") ? output : output + "/"
        let path = folder + proved.fileName
        return [("\(path).\(proved.proofExtension)", proved.proof), ("\(path).cms", proved.exported)]
    }

    private func tell(_ proved: ProvedEntry, _ console: Console) {
        if let missing = proved.missing {
            console.message("note: nothing is registered until \(missing.joined(separator: ", ")) has cosigned")
        }
        for finding in proved.findings where finding.key != "ledger.pending" { console.message(finding.line) }
        if proved.demonstration { console.noteDemonstration() }
    }
}

private struct ProveResult: Encodable {
    let schemaVersion = 1
    /// `published` or `pending`.
    let state: String
    let demonstration: Bool
    let index: Int64
    let agreement: String?
    let event: String?
    let leafHash: String
    let treeSize: Int64
    let root: String
    let cosigned: [String]
    let missing: [String]
    let verdict: Verdict
    let findings: [Finding]
    let proof: String
    /// What was written; empty when the proof went to stdout.
    let files: [String]

    private enum CodingKeys: CodingKey {
        case schemaVersion, state, demonstration, index, agreement, event, leafHash, treeSize, root, cosigned, missing
        case verdict, findings, proof, files
    }

    init(_ proved: ProvedEntry, files: [String]) {
        let entry = proved.judged.entry
        state = proved.isPending ? "pending" : "published"
        demonstration = proved.demonstration
        index = proved.judged.index
        agreement = entry.statement?.agreement?.text
        event = entry.statement?.event.name
        leafHash = ContentDigest(entry.leafHash).text
        treeSize = proved.head.size
        root = proved.head.root.hex
        cosigned = proved.cosigned
        missing = proved.missing ?? []
        verdict = proved.verdict
        findings = proved.findings
        proof = String(decoding: proved.proof, as: UTF8.self)
        self.files = files
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(state, forKey: .state)
        try container.encode(demonstration, forKey: .demonstration)
        try container.encode(index, forKey: .index)
        try container.encode(agreement, forKey: .agreement)
        try container.encode(event, forKey: .event)
        try container.encode(leafHash, forKey: .leafHash)
        try container.encode(treeSize, forKey: .treeSize)
        try container.encode(root, forKey: .root)
        try container.encode(cosigned, forKey: .cosigned)
        try container.encode(missing, forKey: .missing)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(findings, forKey: .findings)
        try container.encode(proof, forKey: .proof)
        try container.encode(files, forKey: .files)
    }
}
