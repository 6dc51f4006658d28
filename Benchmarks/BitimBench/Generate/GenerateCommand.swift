internal import ArgumentParser
internal import Registry
internal import TiledLog

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make a registry, or signed entries for one.",
        discussion: """
            The same options give the same keys, certificates, statements and documents, and so the same identity as far \
            as entry 0 goes. Signatures by elliptic curves are random in OpenSSL 3.0, so leaf hashes differ from run to run.

            With --entries nothing is registered: as many agreements are signed for the registry that is there, and \
            written as one file of SignedData in DER, one after the other.
            """)

    @Argument(help: "The folder that gets keys/ and registry/.", completion: .directory)
    var folder: String

    @Option(help: "How many agreements.")
    var agreements: Int

    @Option(help: "Signers' certificates a party.")
    var certificates = 20

    @Option(help: "Of the signers: p256, p384, rsa3072 or mixed.")
    var keys = KeyMix.p256

    @Option(help: ArgumentHelp("One document for so many agreements; 0 for none at all.", valueName: "agreements"))
    var documents = 1

    @Option(help: "The size of a document.")
    var documentBytes = 2_048

    @Option(
        help: ArgumentHelp(
            "How many agreements in a hundred are consented to and enter into force.", valueName: "per cent"))
    var events = 0

    @Option(help: "Entries a checkpoint.")
    var batch = 4_096

    @Option(help: ArgumentHelp("Write signed entries for the registry that is there.", valueName: "file"))
    var entries: String?

    @Option(help: "The letters that agreements' ids begin with.")
    var prefix: String?

    @Flag(help: "Answer in JSON.")
    var json = false

    func validate() throws {
        guard agreements > 0, certificates > 0, batch > 0, documents >= 0, (0...100).contains(events) else {
            throw ValidationError("numbers must be positive, and per cent at most 100")
        }
    }

    func run() async throws {
        let watch = Stopwatch()
        let size: Int64
        if let entries {
            let registry = try GeneratedRegistry(opening: folder)
            let lives = LifeMaker(
                registry: registry, prefix: prefix ?? "X", documents: .init(sharedBy: 0), consentsPerCent: events)
            size = try await EntriesFile.write(to: entries, count: agreements, lives: lives, of: registry)
        } else {
            let registry = try await GeneratedRegistry(
                making: folder, certificates: certificates, keys: keys, seed: "\(certificates) \(keys)")
            let lives = LifeMaker(
                registry: registry, prefix: prefix ?? "B",
                documents: .init(sharedBy: documents, sizeBytes: documentBytes), consentsPerCent: events)
            size = try await registry.fill(with: lives, agreements: agreements, batch: batch)
        }
        Answer(["entries": .integer(Int(size)), "seconds": .number(watch.seconds)]).print(json: json)
    }
}
