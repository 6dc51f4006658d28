internal import Agreements
internal import Glibc
internal import LedgerIndex
internal import OpenSSLKit
internal import Synchronization
internal import TiledLog
internal import TransparencyLog

/// An index that this program has made, for a tree that the ledger here continues.
///
/// It says where to look. Each entry that it names is read from the ledger, and proved to be in the tree. What it does not
/// name may not be there: that rests on the index alone, and on this user's seal of it.
///
/// Nobody locks the file to read it. After each look it is asked whether the file is still the one that was opened; if it
/// was brought up to date meanwhile, the same is looked up again.
package final class VouchedIndex: Sendable {
    private struct Opened {
        /// Nil when the file was changed and cannot be gone on with.
        var reader: IndexReader?
        var seal: IndexSeal
    }

    /// A bundle that was read.
    private struct Bundle {
        let bundle: TilePath
        let leaves: [ArraySlice<UInt8>]
    }

    /// Of how many entries it tells, whatever is added to the file later.
    let size: Int64
    let isJudged: Bool
    let agreementCount: Int
    let firstUnrecognisedEntry: Int64?
    let registry: RegistryFolder
    /// Of the tree that the ledger claims, which may be larger.
    let tiles: ProvedTiles
    private let keys: KeysFolder
    private let path: String
    private let opened: Mutex<Opened>
    private var lockPath: String { registry.fullPath(RegistryFolder.indexLockName) }
    private let read = Mutex<[Int64: Entry]>([:])
    private let latest = Mutex<Bundle?>(nil)
    /// They verify nothing, and need no certificates for that.
    private let readers = EntryExaminers(certificates: CertificateStore())

    private static let mostTries = 50
    /// Of a file that nobody seems to write: the next writer may have come between two questions.
    private static let unlockedTries = 2
    /// How long another process may take to bring the file up to date.
    private static let patience = Duration.seconds(10)

    /// The index of the registry; nil when there is none that can be used.
    ///
    /// - Parameter claimed: what the latest checkpoint says, right or not: nothing is believed that its tree does not hold.
    init?(_ registry: RegistryFolder, keys: KeysFolder, identity: ContentDigest, claimed: TreeHead) {
        let path = registry.fullPath(RegistryFolder.indexName)
        guard claimed.size >= IndexUse.smallestSize, FileIdentity.isOwnFolder(registry.fullPath("state")),
            let (reader, seal) = Self.open(
                path, keys, lock: registry.fullPath(RegistryFolder.indexLockName), waiting: Self.patience),
            seal.identity == identity, seal.size <= claimed.size,
            let tiles = try? ProvedTiles(registry.ledger, head: claimed), Self.isPast(seal, of: tiles)
        else { return nil }
        size = seal.size
        isJudged = reader.head.isJudged
        agreementCount = reader.head.agreementCount
        firstUnrecognisedEntry = reader.head.firstUnrecognisedEntry
        opened = Mutex(Opened(reader: reader, seal: seal))
        self.registry = registry
        self.keys = keys
        self.path = path
        self.tiles = tiles
    }

    private init(_ other: VouchedIndex, tiles: ProvedTiles) {
        size = other.size
        isJudged = other.isJudged
        agreementCount = other.agreementCount
        firstUnrecognisedEntry = other.firstUnrecognisedEntry
        registry = other.registry
        keys = other.keys
        path = other.path
        opened = Mutex(other.opened.withLock { $0 })
        self.tiles = tiles
    }

    /// The same with a tree that may be larger; nil when that is not a continuation of the index's.
    func reaching(_ head: TreeHead) -> VouchedIndex? {
        if tiles.head == head { return self }
        guard head.size >= size, let tiles = try? ProvedTiles(registry.ledger, head: head),
            opened.withLock({ Self.isPast($0.seal, of: tiles) })
        else { return nil }
        return VouchedIndex(self, tiles: tiles)
    }

    /// - Parameter patience: how long to wait for another process that is bringing the file up to date.
    private static func open(
        _ path: String, _ keys: KeysFolder, lock: String, waiting patience: Duration
    ) -> (IndexReader, IndexSeal)? {
        let deadline = ContinuousClock.now + patience
        var triesLeft = unlockedTries
        while true {
            // Asked first: a file that nobody was writing then is whole.
            if !FileLock.isHeld(lock) { triesLeft -= 1 }
            if let found = open(path, keys) { return found }
            guard Files.kind(path) != nil, triesLeft > 0, ContinuousClock.now < deadline else { return nil }
            usleep(5_000)
        }
    }

    private static func open(_ path: String, _ keys: KeysFolder) -> (IndexReader, IndexSeal)? {
        guard let seal = IndexSeal.seal(of: path, in: keys), let reader = try? IndexReader(path),
            reader.head.identity == seal.identity, reader.head.size == seal.size, reader.head.root == seal.root
        else { return nil }
        return (reader, seal)
    }

    private static func isPast(_ seal: IndexSeal, of tiles: ProvedTiles) -> Bool {
        (try? tiles.root(size: seal.size)).map { ContentDigest($0) } == seal.root
    }

    // MARK: Looking up

    /// All entries whose statement names the agreement, ascending.
    func entries(of agreement: AgreementID) throws -> [(index: Int64, isSkipped: Bool)] {
        try look { try $0.entries(of: agreement) }.filter { $0.index < size }
    }

    /// Entries that may have the statement, ascending.
    func entries(statement: ContentDigest) throws -> [Int64] {
        try look { try $0.entries(statement: statement) }.filter { $0 < size }
    }

    func isSkipped(_ index: Int64) throws -> Bool { try look { try $0.isSkipped(index) } }

    func agreement(at index: Int64) throws -> AgreementID? { try look { try $0.agreement(at: index) } }

    /// Agreements that may have words which begin so; nil when there are too many.
    func search(_ words: [String], limit: Int) throws -> [AgreementID]? {
        try look { try $0.search(words, limit: limit) }
    }

    /// Entries that may name a document with one of these digests or commitments, or have one of these statements.
    func entries(digests: Set<ContentDigest>, commitments: Set<DocumentCommitment>) throws -> Set<Int64> {
        try look { reader in
            var found: Set<Int64> = []
            for digest in digests {
                found.formUnion(try reader.entries(document: ContentKey(digest)))
                found.formUnion(try reader.entries(statement: digest))
            }
            for commitment in commitments { found.formUnion(try reader.entries(document: ContentKey(commitment))) }
            return found.filter { $0 < size }
        }
    }

    /// The leaves of no agreement: the registry's own events among them.
    func ownLeaves() throws -> [(Int64, [UInt8])] {
        let own = try look { try $0.ownEntries() }.filter { $0 < size }
        guard own.count <= IndexUse.mostOwnEntries else { throw IndexFault("too many to look at one by one") }
        return try own.map { ($0, Array(try entry(at: $0).leaf)) }
    }

    private func look<Result: Sendable>(_ body: (IndexReader) throws -> Result) throws -> Result {
        try opened.withLock { opened in
            for _ in 0..<Self.mostTries {
                guard let reader = opened.reader else { break }
                let result = Swift.Result { try body(reader) }
                if FileIdentity(ofOwn: path) == opened.seal.file { return try result.get() }
                reopen(&opened, waiting: Self.patience)
            }
            throw IndexFault("the index was changed meanwhile")
        }
    }

    /// Goes on with the file as it is now, if it tells of a continuation of the same tree.
    ///
    /// - Parameter patience: how long to wait for the process that is writing it.
    private func reopen(_ opened: inout Opened, waiting patience: Duration) {
        opened.reader = nil
        guard let (reader, seal) = Self.open(path, keys, lock: lockPath, waiting: patience),
            seal.identity == opened.seal.identity, seal.size >= size, let root = SHA256Digest(seal.root.bytes),
            let later = try? ProvedTiles(registry.ledger, head: TreeHead(size: seal.size, root: root)),
            Self.isPast(opened.seal, of: later)
        else { return }
        opened = Opened(reader: reader, seal: seal)
    }

    /// Has the file written anew by whoever holds its lock, and goes on with what it is then.
    ///
    /// - Parameter write: told of how many entries the file tells.
    func replace(_ write: (Int64) throws -> Void) throws {
        try opened.withLock { opened in
            if FileIdentity(ofOwn: path) != opened.seal.file { reopen(&opened, waiting: .zero) }
            guard opened.reader != nil else { throw IndexFault("the index was changed meanwhile") }
            defer { if FileIdentity(ofOwn: path) != opened.seal.file { reopen(&opened, waiting: .zero) } }
            try write(opened.seal.size)
        }
    }

    // MARK: Reading

    /// An entry of the ledger, proved to be in the tree.
    func entry(at index: Int64) throws -> Entry {
        if let entry = read.withLock({ $0[index] }) { return entry }
        let width = Int64(TilePath.fullWidth)
        let start = index / width * width
        guard index >= 0, index < tiles.head.size,
            let bundle = TilePath(.entries, index: index / width, width: Int(min(width, tiles.head.size - start)))
        else { throw IndexFault("there is no entry \(index)") }
        let leaves = try leaves(of: bundle)
        let position = Int(index - start)
        guard leaves.indices.contains(position) else { throw IndexFault("there is no entry \(index)") }
        // A leaf of its own: the bundle is not kept.
        let leaf = Array(leaves[position])
        let entry = readers.use { $0.read(leaf[...]) }
        let expected = try tiles.leafHash(at: index)
        guard entry.leafHash == expected else {
            throw LogError(
                path: bundle.path, problem: .mismatch(expected: expected.hex, actual: entry.leafHash.hex))
        }
        read.withLock { $0[index] = entry }
        return entry
    }

    /// Neighbours are asked for one after the other.
    private func leaves(of bundle: TilePath) throws -> [ArraySlice<UInt8>] {
        try latest.withLock { latest in
            if let latest, latest.bundle == bundle { return latest.leaves }
            let leaves = try registry.ledger.entries(bundle)
            latest = Bundle(bundle: bundle, leaves: leaves)
            return leaves
        }
    }
}
