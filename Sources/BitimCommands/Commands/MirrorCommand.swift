internal import Agreements
internal import ArgumentParser
internal import Registry
internal import TiledLog

struct MirrorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mirror",
        abstract: "Keep a verified copy of a registry that is served elsewhere.",
        discussion: HelpText.text(
            """
            Ledger, checkpoints, certificates and public documents are fetched and checked in full before the copy's own \
            checkpoint moves: what does not hold is refused, and the copy stays as it was. A run that was interrupted goes \
            on where it was; a second one fetches what is new. The copy is a registry like any other.

            What is trusted is the identity in --keys, known from elsewhere; --identity pins it there. A ledger that has shrunk is refused; of one \
            that has two histories the evidence is kept.
            """, example: "bitim mirror https://kz-uz.example copy",
            "bitim mirror https://kz-uz.example copy --watch"))

    @Argument(help: ArgumentHelp("Where the registry is served.", valueName: "url"))
    var url: String

    @Argument(help: ArgumentHelp("The copy's folder.", valueName: "folder"), completion: Completion.folders)
    var folder: String

    @Option(
        help: ArgumentHelp(
            "The registry's identity, to be pinned in --keys where nothing is yet: as the parties publish it.",
            valueName: "sha256:…"))
    var identity: String?

    @Option(
        help: ArgumentHelp("The folder of what is trusted (default: $BITIM_KEYS, or keys).", valueName: "folder"),
        completion: Completion.folders)
    var keys: String?

    @Flag(help: "Go on: look for what is new again and again.")
    var watch = false

    @Option(help: ArgumentHelp("With --watch, how often (default: 60).", valueName: "seconds"))
    var interval: Int = 60

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...86_400).contains(interval) else { throw ValidationError("--interval is from 1 to 86400 seconds") }
        if let identity, ContentDigest(text: identity) == nil {
            throw ValidationError("--identity is sha256: and 64 lower-case hexadecimal digits")
        }
        guard !watch || !output.json else { throw ValidationError("--watch does not end, and has no JSON answer") }
    }

    func run() async throws {
        let keys = FolderOptions.keysFolder(keys)
        try pin(keys)
        let registry = RegistryFolder(path: FolderOptions.folder(folder))
        let mirror = RegistryMirror(url, into: registry, keys: keys, client: client.client(), now: currentTime)
        guard watch else { return try await runOnce(mirror) }
        while true {
            do {
                try await runOnce(mirror)
            } catch let error as RegistryError where error.code != .usage {
                // Also what is refused now may be right again later; of two histories it never is.
                guard !EvidenceFile.isFork(error.findings) else { throw error }
                Console.error(error.message, hint: error.hint)
            }
            try await Task.sleep(for: .seconds(interval))
        }
    }

    private func pin(_ keys: KeysFolder) throws {
        guard let identity, let digest = ContentDigest(text: identity) else { return }
        if let pinned = try keys.identity() {
            guard pinned == digest else {
                throw RegistryError(
                    .conflict, "\(keys.path) pins another identity: \(pinned.text)",
                    hint: "each registry has a keys folder of its own: name another with --keys")
            }
            return
        }
        try keys.files.makeFolder(keys.path, mode: 0o755)
        try keys.files.create(KeysFolder.identityName, with: Array("\(digest.text)\n".utf8))
    }

    private func runOnce(_ mirror: RegistryMirror) async throws {
        let console = output.console
        let bar = ProgressBar("fetching", console: console)
        let report: RegistryMirror.Report
        do {
            report = try await mirror.run(progress: CopyProgress { bar.update($0, of: $1) })
        } catch {
            bar.clear()
            throw error
        }
        bar.clear()
        let result = MirrorResult(report)
        if output.json { return console.answer(try JSONOutput.text(result)) }
        guard !(watch && report.entries == 0) else { return }
        if output.quiet { return console.answer("\(report.to.size)") }
        console.answer(
            report.entries == 0
                ? "up to date: \(report.to.size) entries, root \(report.to.root)"
                : "copied: \(report.entries) entries and \(report.documents) documents; now \(report.to.size) entries, "
                    + "root \(report.to.root)")
    }
}

private struct MirrorResult: Encodable {
    let schemaVersion = 1
    let from: RegistryMirror.TreeHeadText
    let to: RegistryMirror.TreeHeadText
    let entries: Int64
    let documents: Int

    private enum CodingKeys: CodingKey { case schemaVersion, from, to, entries, documents }

    init(_ report: RegistryMirror.Report) {
        from = report.from
        to = report.to
        entries = report.entries
        documents = report.documents
    }
}
