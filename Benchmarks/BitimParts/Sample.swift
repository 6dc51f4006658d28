import Agreements
import Benchmark
import OpenSSLKit
import Registry
import Support
import TiledLog
import TransparencyLog

/// One registry with one agreement, taken to pieces.
struct Sample {
    let leaf: [UInt8]
    let leafHash: SHA256Digest
    let statement: [UInt8]
    let certificates: CertificateStore
    let checkpoint: [UInt8]
    let policy: WitnessPolicy
    /// After entry 0.
    let state: LedgerState
    /// Of the tree that the signers saw.
    let root: ContentDigest
    private let model: Statement

    init() async throws {
        let scratch = try await ScratchRegistry.established()
        let ledger = try OpenedLedger.open(registry: scratch.registry, keys: scratch.keys)
        root = ContentDigest(ledger.publishedHead.root)
        var state = LedgerState()
        let reader = scratch.registry.ledger
        for bytes in try reader.entries(known(TilePath(.entries, index: 0, width: 1))) {
            let entry = Entry(leaf: Array(bytes))
            state.apply(
                try known(entry.statement), statementDigest: try known(entry.statementDigest),
                leafHash: ContentDigest(entry.leafHash))
        }
        self.state = state
        try await scratch.add("S-1")
        leaf = Array(try reader.entries(known(TilePath(.entries, index: 0, width: 2)))[1])
        let entry = Entry(leaf: leaf)
        leafHash = entry.leafHash
        model = try known(entry.statement)
        statement = model.canonicalBytes
        certificates = CertificateStore(scratch.registry)
        checkpoint = try Files.read(
            scratch.registry.fullPath(RegistryFolder.checkpointName), maximumBytes: SignedNote.maximumByteCount)
        policy = try WitnessPolicy(parsing: known(scratch.keys.policy()))
    }

    /// One that knows the signers of the leaf.
    func examiner() -> EntryExaminer {
        let examiner = EntryExaminer(certificates: certificates)
        blackHole(examiner.examine(leaf[...], verifiesSignatures: true))
        return examiner
    }

    /// The texts of an agreement of two states.
    let titles = [
        "Agreement on the joint use of water resources", "Соглашение о совместном использовании водных ресурсов",
        "Су ресурстарын бірлесіп пайдалану туралы келісім",
        "Suv resurslaridan birgalikda foydalanish toʻgʻrisida bitim",
    ]

    /// The same registration under an id of its own.
    func registration(_ number: Int) -> Statement {
        Statement(
            agreement: AgreementID("S-\(number + 2)"), event: model.event, ledger: model.ledger, previous: nil,
            tree: model.tree)
    }

    func digest(_ number: Int) throws -> ContentDigest {
        try known(
            ContentDigest(
                bytes: [UInt8](repeating: 0x5A, count: 24) + withUnsafeBytes(of: number.bigEndian, Array.init)))
    }
}

/// A log in a scratch folder.
final class SampleLog {
    private let scratch = ScratchFolder()
    private var writer: LogWriter
    let reader: LogReader

    init() throws {
        let folder = DurableFolder(path: scratch.file("log"), temporaryFolder: scratch.file("log/temporary"))
        writer = try LogWriter(folder: folder, head: .empty)
        reader = LogReader(path: folder.fullPath("ledger"))
    }

    var head: TreeHead { writer.head }

    func append(_ leaf: [UInt8], count: Int) throws {
        _ = try writer.append(Array(repeating: leaf, count: count))
    }
}

struct Missing: Error {}

func known<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}
