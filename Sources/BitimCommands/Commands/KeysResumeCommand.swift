internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct KeysResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Say what a local signer of checkpoints goes on from, when its state was lost.",
        discussion: HelpText.text(
            """
            A log or a witness whose memory of its last signature is missing or behind signs nothing, so that it never \
            signs two histories. Name the tree only after you have made sure, with the other parties, that nothing \
            newer was ever signed.
            """,
            example:
                "bitim keys resume KZ-witness \\\n  --tree 20:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
        ))

    @Argument(help: ArgumentHelp("log, or a party's witness such as KZ-witness.", valueName: "signer"))
    var signer: String

    @Option(help: ArgumentHelp("The tree: its size, a colon, its root in hexadecimal.", valueName: "size:root"))
    var tree: String

    @OptionGroup var folders: FolderOptions
    @OptionGroup var confirmation: ConfirmationOptions

    func run() async throws {
        guard let signer = SignerState.Signer(signer) else {
            throw RegistryError(.usage, "'\(signer)' is no signer of checkpoints", hint: "say log, or KZ-witness")
        }
        let parts = tree.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let size = Int64(parts[0]), size > 0,
            let root = ContentDigest(hex: parts[1]).flatMap({ SHA256Digest($0.bytes) })
        else {
            throw RegistryError(
                .usage, "'\(tree)' is not a tree", hint: "say its size, a colon and its root in hexadecimal")
        }
        let head = TreeHead(size: size, root: root)
        let ledger: OpenedLedger
        do {
            ledger = try OpenedLedger.open(registry: folders.registryFolder, keys: folders.keysFolder)
        } catch let error as OpenedLedger.Unopenable {
            throw RegistryError(
                .refused, "the registry does not hold", hint: "see 'bitim audit'", findings: error.findings)
        }
        let isHere = ledger.publishedHead == head || ledger.hasSignedPending(signer) && ledger.fullHead == head
        guard isHere else {
            throw RegistryError(
                .refused,
                "the published tree is \(ledger.publishedHead.size):\(ledger.publishedHead.root.hex), not the one named",
                hint: "a signer goes on only from the tree that is here")
        }
        try ledger.requireTree(head)
        try confirmation.confirm(
            ["\(signer) of \(ledger.constitution.log.origin) goes on from \(size) entries, root \(root.hex)"],
            console: Console())
        try SignerState.resume(
            folders.keysFolder, signer: signer, origin: ledger.constitution.log.origin, head: head)
    }
}
