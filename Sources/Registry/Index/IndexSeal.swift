internal import Agreements
internal import LedgerIndex
internal import TiledLog

/// What this user remembers of the indices that this program has made: as each file was when it was closed. It lies in
/// `keys/private`, so that an index that came with a registry, or was changed since, is not taken for one of them.
///
///     bitim-index-seal 1
///     sha256:5ca5…  1000000 8f32… 2049 3412 734003200 1795843805123456789 1795843805123456789 3f6c5c2e-…
///
/// Each line: identity, size and root of the tree; device, inode, size, times of modification and of change in
/// nanoseconds; the start of the machine. What was written then and not synced may be lost at the next one.
struct IndexSeal: Equatable {
    let identity: ContentDigest
    let size: Int64
    let root: ContentDigest
    let file: FileIdentity
    let boot: String

    private static let name = "private/index.seal"
    private static let header = "bitim-index-seal 1"
    private static let maximumBytes = 1 << 16
    /// Two copies of a registry may share their keys.
    private static let maximumCount = 8

    /// The seal of this very file, as it is now; nil when there is none.
    static func seal(of path: String, in keys: KeysFolder) -> IndexSeal? {
        guard let file = FileIdentity(ofOwn: path), let boot = Files.bootIdentifier else { return nil }
        return all(keys).first { $0.file == file && $0.boot == boot }
    }

    /// Remembers the file as it is now. Nothing is synced: what is lost is made anew.
    static func remember(_ path: String, _ head: IndexHead, in keys: KeysFolder) throws {
        guard let file = FileIdentity(ofOwn: path), let boot = Files.bootIdentifier else { return }
        let seal = IndexSeal(identity: head.identity, size: head.size, root: head.root, file: file, boot: boot)
        let others = all(keys).filter { $0.boot == boot && !$0.isOfSamePlace(as: seal) }
        let lines = ([seal] + others.prefix(maximumCount - 1)).map(\.line)
        try keys.files.place(
            name, Array(([header] + lines).joined(separator: "\n").utf8) + [0x0A], mode: 0o600)
    }

    private func isOfSamePlace(as other: IndexSeal) -> Bool {
        file.device == other.file.device && file.inode == other.file.inode
    }

    private var line: String {
        let numbers = "\(file.device) \(file.inode) \(file.sizeBytes) \(file.modified) \(file.changed)"
        return "\(identity.text) \(size) \(root.hex) \(numbers) \(boot)"
    }

    private static func all(_ keys: KeysFolder) -> [IndexSeal] {
        guard FileIdentity(ofOwn: keys.fullPath(name)) != nil, FileIdentity.isOwnFolder(keys.fullPath("private")),
            let bytes = try? Files.read(keys.fullPath(name), maximumBytes: maximumBytes),
            let text = String(validating: bytes, as: UTF8.self)
        else { return [] }
        let lines = text.split(separator: "\n")
        guard lines.first == header[...] else { return [] }
        return lines.dropFirst().compactMap(parse)
    }

    private static func parse(_ line: Substring) -> IndexSeal? {
        let fields = line.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 9, let identity = ContentDigest(text: String(fields[0])), let size = Int64(fields[1]),
            let root = ContentDigest(hex: fields[2]), let device = UInt64(fields[3]), let inode = UInt64(fields[4]),
            let bytes = Int64(fields[5]), let modified = Int64(fields[6]), let changed = Int64(fields[7])
        else { return nil }
        return IndexSeal(
            identity: identity, size: size, root: root,
            file: FileIdentity(
                device: device, inode: inode, sizeBytes: bytes, modified: modified, changed: changed),
            boot: String(fields[8]))
    }
}
