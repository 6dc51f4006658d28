internal import Agreements
internal import ArgumentParser
internal import Registry
internal import TiledLog

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Check everything there is to check.",
        discussion: HelpText.text(
            """
            Identity, every checkpoint ever published, the quorum, the tree and its tiles, each entry's form and \
            signatures, each signer's right to sign, the rules, documents and certificates by content, the files in keys/ \
            and files that belong to nothing. All findings are reported, not the first one.

            With --since, a checkpoint that you kept (bitim checkpoint) after an audit must be of this ledger's past: that \
            is proved, and what came after it is checked in full. Where the log has signed another history, the evidence \
            is kept beside that file, as <file>.evidence.

            With --signatures=skip only bytes are checked: tree, tiles, checkpoints and documents. That is a quick look for \
            damage, and never passes: nothing is said of who signed.
            """, example: "bitim audit", "bitim audit --json", "bitim audit --since kept.checkpoint",
            "bitim audit --signatures=skip"))

    enum Signatures: String, ExpressibleByArgument, CaseIterable {
        case check, skip
    }

    @Option(
        help: ArgumentHelp(
            "A checkpoint that was kept: prove that the ledger continues it, and check what came after; - is stdin.",
            valueName: "file"), completion: Completion.files)
    var since: String?

    @Option(help: ArgumentHelp("Whether signatures, signers and rules are checked: check or skip.", valueName: "how"))
    var signatures = Signatures.check

    @Option(help: ArgumentHelp("How many cores to use; all, if it is left out.", valueName: "number"))
    var threads: Int?

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    private static let maximumThreads = 256

    func validate() throws {
        if let threads, !(1...Self.maximumThreads).contains(threads) {
            throw ValidationError("--threads is \(threads), not a number from 1 to \(Self.maximumThreads)")
        }
        guard since == nil || signatures == .check else {
            throw ValidationError("--since checks signatures of what came after: leave out --signatures=skip")
        }
    }

    func run() async throws {
        let console = output.console
        let kept = try since.map { try InputFile.read($0, maximumBytes: 1_000_000) }
        let report = try await Audit(
            registry: folders.registryFolder, keys: folders.keysFolder, now: currentTime(),
            checksSignatures: signatures == .check, threads: threads
        ).runUndisturbed(since: kept)
        if let evidence = report.evidence { keep(evidence) }
        if output.json {
            console.answer(try JSONOutput.text(report))
        } else if output.quiet {
            console.answer(report.verdict.rawValue)
        } else {
            show(report, console)
        }
        try report.verdict.exit()
    }

    /// The loudest thing that an audit has to say: also when quiet.
    private func keep(_ evidence: [UInt8]) {
        let beside = since.map { $0 == "-" ? "audit" : $0 } ?? "audit"
        var path = "\(beside).evidence"
        if Files.kind(path) != nil, (try? Files.read(path, maximumBytes: evidence.count)) != evidence {
            // The ledger has grown since the first: both are kept.
            path = "\(beside).\(ContentDigest.of(evidence).hex.prefix(16)).evidence"
        }
        do {
            try OutputFile.create([(path, evidence)])
        } catch {
            Console.error("the evidence of two histories cannot be kept: \(error)", hint: "make room for \(path)")
            return
        }
        Console.error(
            "the log has signed two histories: the evidence is in \(path)",
            hint: "keep it, and tell every party: 'bitim verify \(path)' convinces anyone who has keys/policy")
    }

    private func show(_ report: AuditReport, _ console: Console) {
        var lines = ["verdict      \(console.styled(report.verdict))"]
        func line(_ name: String, _ value: String?) {
            guard let value else { return }
            lines.append(name + String(repeating: " ", count: 13 - name.count) + VisibleText.escaped(value))
        }
        line("origin", report.origin)
        line("identity", report.identity)
        line("tree", report.root.map { "\(report.treeSize) entries, root \($0)" })
        if let since = report.since {
            line(
                "since",
                since.map { "\($0.size) entries, root \($0.root); \($0.checked) entries after it were checked" }
                    ?? "the kept checkpoint does not hold: everything was checked")
        }
        for (number, words) in (report.since??.fromIndex ?? []).enumerated() {
            line(number == 0 ? "by index" : "", words)
        }
        // Of what could not be opened nothing was looked at.
        if report.identity != nil {
            line("agreements", String(report.agreements))
            line("signatures", "\(report.signatures) verified")
            line("checkpoints", String(report.checkpoints))
            let documents = report.documents
            line(
                "documents",
                "\(documents.present) present, \(documents.missing) missing, \(documents.restricted) restricted")
            line(
                "quorum",
                "\(report.quorum.present.joined(separator: ", ")) of \(report.quorum.required.joined(separator: ", "))")
        }
        line("findings", String(report.findings.count))
        console.answer(lines.joined(separator: "\n"))
        for finding in report.findings { console.answer(finding.line) }
        if report.demonstration == true { console.noteDemonstration() }
    }
}
