internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct CheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Print the latest published checkpoint, to keep.",
        discussion: HelpText.text(
            """
            The signed note as it lies in the ledger, after its signatures, its quorum and its tree have been checked. Kept \
            outside the registry, it shows later whether the ledger has only grown: bitim audit --since FILE.
            """, example: "bitim checkpoint > kept.checkpoint"))

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        let ledger = try RegistryReading.open(registry: folders.registryFolder, keys: folders.keysFolder)
        let checkpoint = try StoredCheckpoint(ledger)
        if output.json {
            console.answer(try JSONOutput.text(CheckpointResult(checkpoint, ledger)))
        } else {
            console.answer(bytes: checkpoint.bytes)
        }
        console.noteDemonstration(ledger)
        guard ledger.pinnedIdentity == nil else { return }
        console.message("note: no identity is pinned, so this may be anybody's registry")
        try Verdict.indeterminate.exit()
    }
}

private struct CheckpointResult: Encodable {
    let schemaVersion = 1
    let demonstration: Bool
    let identity: String
    let origin: String
    let treeSize: Int64
    let root: String
    /// Witnesses, by their names in the policy.
    let cosigned: [String]
    /// When the quorum was complete, in UTC.
    let quorumTime: String
    /// The signed note, verbatim.
    let note: String

    init(_ checkpoint: StoredCheckpoint, _ ledger: OpenedLedger) {
        demonstration = ledger.constitution.demonstration
        identity = ledger.identity.text
        origin = ledger.constitution.log.origin
        treeSize = checkpoint.head.size
        root = checkpoint.head.root.hex
        cosigned = checkpoint.publication.witnesses
        quorumTime = UTCTime(posixSeconds: checkpoint.publication.quorumTime)?.text ?? ""
        note = String(decoding: checkpoint.bytes, as: UTF8.self)
    }
}
