internal import Registry
internal import TiledLog

/// A file that a command was asked to write: whole or not at all.
enum OutputFile {
    static func write(_ bytes: [UInt8], to path: String) throws {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard !name.isEmpty, Files.kind(path) != .folder else {
            throw RegistryError(.usage, "\(path) is a folder", hint: "name a file")
        }
        guard Files.kind(folder) == .folder else {
            throw RegistryError(.unavailable, "\(folder): no such folder", hint: "make it first")
        }
        try DurableFolder(path: folder, temporaryFolder: folder).replace(name, with: bytes)
    }
}
