internal import Agreements
internal import ArgumentParser
internal import Registry

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a document, an agreement, an exported entry, a proof, a trail, or evidence.",
        discussion: HelpText.text(
            """
            A document is found by its content: which agreements hold it, and whether their entries are right. An exported \
            entry (.cms) is held against the ledger; documents named beside it must be documents of that entry. \
            A restricted document is found with its key only; without it, it is a document that nobody knows.

            A proof (.tlog-proof, .pending-proof) is held against the entry and the documents named beside it, from keys/ \
            alone: no registry is needed. An exported trail (.json) is held against the ledger, row by row; with \
            --checkpoint also against a checkpoint that was kept, or against that alone.

            Evidence (.evidence) that a log has signed two histories is held against keys/policy alone: passed means that \
            it convinces.
            """, example: "bitim verify contract.pdf", "bitim verify KZ-UZ-2025-06",
            "bitim verify entry.cms contract.pdf", "bitim verify KZ-UZ-2025-06-6.tlog-proof KZ-UZ-2025-06-6.cms",
            "bitim verify trail.json", "bitim verify trail.json --checkpoint kept.checkpoint"))

    @Argument(
        help: ArgumentHelp("Files, or an agreement's id; - is stdin.", valueName: "file-or-id"),
        completion: Completion.files)
    var targets: [String]

    @Option(help: ArgumentHelp("The key of a restricted document among the files. Repeatable.", valueName: "file"))
    var key: [String] = []

    @Option(
        help: ArgumentHelp(
            "With a trail: a checkpoint that was kept (bitim checkpoint), which the ledger must continue; where no registry is at hand, the trail is held against it alone.",
            valueName: "file"), completion: Completion.files)
    var checkpoint: String?

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try InputFile.requireOneStdin(targets + key + (checkpoint.map { [$0] } ?? [])) }

    func run() async throws {
        let console = output.console
        let report = try await Verification(
            registry: folders.registryFolder, keys: folders.keysFolder, now: currentTime(),
            isRegistryOptional: !folders.namesRegistry
        ).verify(
            targets, keys: try key.map { try DocumentKey(path: $0, followingLinks: true) },
            kept: try checkpoint.map { try InputFile.read($0, maximumBytes: 1_000_000) })
        if output.json {
            console.answer(try JSONOutput.text(report))
        } else if output.quiet {
            console.answer(report.verdict.rawValue)
        } else {
            show(report, console)
        }
        try report.verdict.exit()
    }

    private func show(_ report: VerificationReport, _ console: Console) {
        for target in report.targets {
            console.answer("\(VisibleText.escaped(target.target)): \(console.styled(target.verdict)), \(target.kind)")
            for row in target.entries {
                let title = row.title?.preferred ?? ""
                console.answer(
                    VisibleText.escaped(
                        "  entry \(row.index)  \(row.agreement ?? "registry")  \(row.event ?? "")  \(row.verdict.rawValue)"
                    ))
                if !title.isEmpty {
                    console.answer(VisibleText.escaped("    title (\(row.titleStatus ?? ""))  \(title)"))
                }
                for signer in SignerOrder.byParty(row.signers) {
                    console.answer(
                        VisibleText.escaped(
                            "    signed for \(signer.party ?? "nobody") by \(signer.subject ?? "certificate not held"), "
                                + "claimed time \(signer.claimedTime ?? "unknown")"))
                }
                console.answer(
                    "    proved time  not before \(row.provedNotBefore ?? "unknown"), "
                        + "not after \(row.provedNotAfter ?? (target.kind == "proof" ? "unknown" : "not yet published"))"
                )
            }
            for finding in target.findings { console.answer("  " + finding.line) }
        }
        note(report, console)
        if report.demonstration == true { console.noteDemonstration() }
    }

    /// What the answer does not say.
    private func note(_ report: VerificationReport, _ console: Console) {
        let kinds = Set(report.targets.map(\.kind))
        if kinds.contains("evidence") {
            if report.verdict == .passed {
                console.message("note: the log has broken its promise: keep this file, and tell every party")
            }
            return
        }
        if kinds.contains("pending-proof") {
            console.message("note: not registered: what is pending counts for nothing until the quorum has cosigned")
            return
        }
        if report.targets.contains(where: { $0.kind != "trail" && $0.verdict == .passed }) {
            console.message(
                "note: registered by then; that nothing has followed since, only 'bitim audit' up to the latest checkpoint shows"
            )
        }
        if report.restsOnIndex == true {
            console.message(
                "note: which entries speak of it was found by an index; that no others do, 'bitim audit' shows")
        }
        guard report.targets.contains(where: { $0.kind == "proof" && !$0.entries.isEmpty }) else { return }
        console.message(
            "note: who was on a party's list of signers at that entry is taken from keys/, and shown by the ledger only"
        )
    }
}
