internal import Agreements
internal import Glibc
internal import LedgerIndex
internal import TiledLog

/// The file of an index, as those see it who write it: under a lock, which nobody waits for. Who does not get it does
/// without, and the next one catches up.
struct IndexFile: ~Copyable {
    private let registry: RegistryFolder
    private let keys: KeysFolder
    private let lock: FileLock

    private var path: String { registry.fullPath(RegistryFolder.indexName) }
    private var buildingPath: String { registry.fullPath(RegistryFolder.indexBuildingName) }

    /// Nil when another process writes it, or nobody here can.
    init?(_ registry: RegistryFolder, keys: KeysFolder) {
        let state = registry.fullPath("state")
        guard (try? registry.files.makeFolder(state, mode: 0o755)) != nil, FileIdentity.isOwnFolder(state),
            (try? keys.files.makeFolder(keys.fullPath("private"), mode: 0o700)) != nil,
            FileIdentity.isOwnFolder(keys.fullPath("private")), access(keys.fullPath("private"), W_OK) == 0,
            let lock = try? FileLock.acquire(registry.fullPath(RegistryFolder.indexLockName), patienceSeconds: 0)
        else { return nil }
        self.registry = registry
        self.keys = keys
        self.lock = lock
    }

    /// Begins a new one. What a process that died has left is removed.
    func create() throws -> IndexWriter {
        Self.remove(buildingPath)
        return try IndexWriter(creating: buildingPath)
    }

    /// Puts the new one into its place.
    func replace(_ writer: IndexWriter, _ head: IndexHead) throws {
        try writer.finish(head)
        Self.remove(path)
        guard rename(buildingPath, path) == 0 else { throw IndexFault("\(path) cannot be replaced") }
        try IndexSeal.remember(path, head, in: keys)
    }

    func abandon() { Self.remove(buildingPath) }

    /// Adds entries to the one that was opened, if nobody has changed it since.
    ///
    /// - Parameter head: of the tree with them.
    func update(_ index: VouchedIndex, with entries: [IndexedEntry], _ head: IndexHead) throws {
        try index.replace { size in
            // A log beside it is of a process that died, or of somebody else: nothing of it is believed.
            Self.removeBeside(path)
            let writer = try IndexWriter(updating: path)
            for entry in entries where entry.index >= size && entry.index < head.size { try writer.append(entry) }
            try writer.finish(head)
            try IndexSeal.remember(path, head, in: keys)
        }
    }

    private static func remove(_ path: String) {
        unlink(path)
        removeBeside(path)
    }

    private static func removeBeside(_ path: String) {
        for suffix in ["-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }
}
