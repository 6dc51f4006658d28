internal import Agreements
internal import ArgumentParser
internal import HTTPClient
internal import Registry
internal import TiledLog

struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Mend what is damaged, from what else is here and from a copy.",
        discussion: HelpText.text(
            """
            Tiles are made from the entries, the latest checkpoint from the one beside it, the index from the ledger. With \
            --from, entries, documents, certificates and older checkpoints are fetched from a copy: the other party's, a \
            mirror's, a backup's. Each is held against the tree or against its own digest before it is taken, so that the \
            copy need not be trusted.

            Nothing is signed, and nothing is thrown away: what is replaced is kept in registry/state/damaged. Files that \
            belong to nothing stay where they are. At the end everything is audited: the exit status is that of the audit, \
            and what is beyond repair is told in its words.
            """, example: "bitim repair", "bitim repair --from https://kz-uz.example",
            "bitim repair --from /media/backup/registry"))

    @Option(
        help: ArgumentHelp("Where a copy is served, or the folder that it lies in.", valueName: "url-or-folder"),
        completion: Completion.folders)
    var from: String?

    @OptionGroup var folders: FolderOptions
    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        let bar = ProgressBar("looking at bundles", console: console)
        let report: RepairReport
        do {
            report = try await RegistryRepair(
                registry: folders.registryFolder, keys: folders.keysFolder, from: try await source(), now: currentTime()
            ).run(progress: CopyProgress { bar.update($0, of: $1) })
        } catch {
            bar.clear()
            throw error
        }
        bar.clear()
        if output.json {
            console.answer(try JSONOutput.text(report))
        } else if output.quiet {
            console.answer(report.verdict.rawValue)
        } else {
            show(report, console)
        }
        try report.verdict.exit()
    }

    private func source() async throws -> RegistrySource? {
        guard let from else { return nil }
        guard HTTPClient.isAddress(from) else {
            return try RegistrySource(folder: RegistryFolder(path: FolderOptions.folder(from)))
        }
        return try await RegistrySource.find(from, client: client.client()).source
    }

    private func show(_ report: RepairReport, _ console: Console) {
        console.answer("verdict      \(console.styled(report.verdict))")
        console.answer("tree         \(report.treeSize) entries, root \(report.root ?? "none")")
        let count = report.mended.count
        console.answer("mended       \(count == 0 ? "nothing" : count == 1 ? "1 file" : "\(count) files")")
        for mended in report.mended {
            let source = mended.from == .copy ? "from the copy" : "from what else is here"
            console.answer("  \(VisibleText.escaped(mended.path))  \(source)")
        }
        let kept = folders.registryFolder.fullPath(RegistryRepair.damagedFolder)
        if !report.mended.isEmpty, Files.kind(kept) == .folder {
            console.message("what was replaced is kept in \(kept)")
        }
        if !report.lostEntries.isEmpty {
            console.answer("lost         \(Self.ranges(report.lostEntries))")
        }
        for finding in report.refused { console.answer("refused from the copy: \(finding.line)") }
        console.answer("findings     \(report.findings.count)")
        for finding in report.findings { console.answer(finding.line) }
        if report.verdict != .passed { console.message("hint: \(hint(report))") }
        if report.demonstration == true { console.noteDemonstration() }
    }

    /// Entries by their numbers, those in a row together.
    private static func ranges(_ entries: [Int64]) -> String {
        var ranges: [ClosedRange<Int64>] = []
        for entry in entries {
            if let last = ranges.last, last.upperBound + 1 == entry {
                ranges[ranges.count - 1] = last.lowerBound...entry
            } else {
                ranges.append(entry...entry)
            }
        }
        let words = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
        return "\(entries.count == 1 ? "entry" : "entries") \(words.joined(separator: ", "))"
    }

    private func hint(_ report: RepairReport) -> String {
        let faults = report.findings.filter { $0.severity != .warning }
        if faults.allSatisfy({ $0.path?.hasPrefix("keys/") ?? false }) {
            return "files in keys/ follow from the ledger: 'bitim keys update' writes them anew"
        }
        let others = faults.filter { $0.path != RegistryFolder.pendingName }
        if others.count < faults.count, others.allSatisfy({ $0.key == "registry.file.unexpected" }) {
            return "'bitim publish' signs anew what waits, where the log's key is"
        }
        if faults.allSatisfy({ $0.key == "registry.file.unexpected" }) {
            return "look at the files that belong to nothing, and take them away by hand"
        }
        return from == nil
            ? "name a copy, the other party's or a mirror's: bitim repair --from URL or FOLDER"
            : "what is left is beyond repair from this copy: try another one, and ask the other party for its own"
    }
}
