internal import Registry
internal import TiledLog

/// A file that a command was asked to write: whole or not at all, and never in the place of another unless that was said.
enum OutputFile {
    /// Before any work: whether the file could be written.
    ///
    /// - Parameter force: whether `--force` was said; nil in a command that has none.
    static func check(_ path: String, force: Bool? = nil) throws {
        _ = try place(path)
        guard force == true || Files.kind(path) == nil else { throw isThere(path, force) }
    }

    static func write(_ bytes: [UInt8], to path: String, force: Bool? = nil) throws {
        try check(path, force: force)
        let (folder, name) = try place(path)
        let durable = DurableFolder(path: folder, temporaryFolder: folder)
        do throws(FileError) {
            if force == true {
                try durable.replace(name, with: bytes)
            } else {
                try durable.create(name, with: bytes)
            }
        } catch {
            throw error.reason == .exists ? isThere(path, force) : error
        }
    }

    private static func isThere(_ path: String, _ force: Bool?) -> RegistryError {
        RegistryError(
            .conflict, "\(path) is there already",
            hint: "name another file, or \(force == nil ? "take that one away" : "say --force to write it anew")")
    }

    /// The folder, which is there, and the name of a file to be.
    static func place(_ path: String) throws -> (folder: String, name: String) {
        let (folder, name) = parts(of: path)
        guard !name.isEmpty, Files.kind(path) != .folder else {
            throw RegistryError(.usage, "\(path) is a folder", hint: "name a file")
        }
        guard Files.kind(folder) == .folder else {
            throw RegistryError(.unavailable, "\(folder): no such folder", hint: "make it first")
        }
        return (folder, name)
    }

    private static func parts(of path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
    }
}
