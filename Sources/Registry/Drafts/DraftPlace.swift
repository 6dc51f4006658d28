internal import Agreements
internal import TiledLog

/// A draft's file.
package struct DraftPlace {
    package let path: String
    package let draft: Draft
    /// As they were read.
    private let bytes: [UInt8]

    /// Whether the file means to be a draft; false for what cannot be read.
    package static func isDraft(_ path: String) -> Bool {
        var beginning: [UInt8] = []
        _ = try? Files.stream(path, maximumBytes: DraftFile.maximumBytes, followingLinks: true) { chunk in
            if beginning.count < 256 { beginning += chunk.prefix(256) }
        }
        return DraftFile.isDraft(beginning: beginning)
    }

    package init(_ path: String) throws {
        self.path = path
        bytes = try Self.read(path)
        draft = try Draft(parsing: bytes, name: path)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            try Files.stream(path, maximumBytes: DraftFile.maximumBytes, followingLinks: true) { bytes += $0 }
        } catch {
            throw RegistryError(.unavailable, "\(error)", hint: "name the draft's file; 'bitim add --draft' writes one")
        }
        return bytes
    }

    /// The folder that it lies in.
    package var folder: String { Self.split(path).folder }

    /// Puts the draft with more signatures in the place of what was read, and of nothing else: a signature that somebody
    /// has added meanwhile is never lost.
    package func replace(with draft: Draft) throws {
        let changed = RegistryError(
            .conflict, "\(path) has changed since it was read", hint: "nothing was written; run the command again")
        guard let lock = try FileLock.acquire(path, patienceSeconds: 5) else { throw changed }
        defer { _ = lock }
        guard try Self.read(path) == bytes else { throw changed }
        let (folder, name) = Self.split(path)
        try DurableFolder(path: folder, temporaryFolder: folder).replace(name, with: draft.bytes)
    }

    /// Writes a draft to a name that must be free.
    package static func create(_ path: String, _ draft: Draft) throws {
        let (folder, name) = split(path)
        guard Files.kind(folder) == .folder else {
            throw RegistryError(.unavailable, "\(folder): no such folder", hint: "make it first")
        }
        guard !name.isEmpty, Files.kind(path) == nil else {
            throw RegistryError(
                .conflict, "\(path) is there already", hint: "choose another name: no file is overwritten by a draft")
        }
        try DurableFolder(path: folder, temporaryFolder: folder).create(name, with: draft.bytes)
    }

    /// The folder that a file lies in, and its name there.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = slash == path.startIndex ? "/" : String(path[..<slash])
        return (folder, String(path[path.index(after: slash)...]))
    }
}
