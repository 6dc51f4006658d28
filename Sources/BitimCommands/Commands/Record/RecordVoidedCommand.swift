internal import Agreements
internal import ArgumentParser
internal import Registry
internal import TiledLog

struct RecordVoidedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "voided", abstract: "Make a mistaken or bad entry of no effect. It stays readable.",
        discussion: HelpText.text(
            """
            Of an agreement's entries only the last can be voided, unless it is a note; a bad entry always can. Every \
            party of the registry signs.
            """, example: #"bitim record voided 21 --reason "Made by mistake." --sign KZ,UZ"#))

    @Argument(help: ArgumentHelp("The index of the entry.", valueName: "index"))
    var index: Int64

    @Option(help: ArgumentHelp("Why, in one line.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("Who signs with the keys here: every party of the registry.", valueName: "KZ,UZ"))
    var sign: String

    @OptionGroup var signing: RecordingOptions

    func run() async throws {
        let signers = try JointSigners.list(sign)
        let ledger = try RegistryReading.open(
            registry: signing.folders.registryFolder, keys: signing.folders.keysFolder)
        guard let entry = try ledger.entry(at: index) else {
            throw RegistryError(
                .unavailable, "the ledger has no entry \(index)",
                hint: "its entries are 0 to \(ledger.fullHead.size - 1); 'bitim show ID' tells which")
        }
        var heading = "the voiding of entry \(index)"
        if let statement = entry.statement {
            heading += ", \(statement.event.name)" + (statement.agreement.map { " of \($0)" } ?? "")
        }
        let event = Event.registryVoided(
            .init(entry: index, leafHash: ContentDigest(entry.leafHash), reason: reason))
        try await signing.record(
            nil, event, heading: heading, signers: signers, identity: ledger.identity, documents: [:]
        ) { _ in event }
    }
}
