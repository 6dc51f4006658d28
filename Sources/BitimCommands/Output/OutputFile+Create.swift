internal import Registry
internal import TiledLog

extension OutputFile {
    /// Writes files that must not be there yet: all of them or none. One that is there with the same bytes stays.
    static func create(_ files: [(path: String, bytes: [UInt8])]) throws {
        let new = try files.filter { file in
            guard Files.kind(file.path) != nil else { return true }
            guard let present = try? Files.read(file.path, maximumBytes: file.bytes.count), present == file.bytes
            else {
                throw RegistryError(
                    .conflict, "\(file.path) is there already, and is something else",
                    hint: "nothing was written; name another place, or move it away")
            }
            return false
        }
        for file in new {
            let slash = file.path.lastIndex(of: "/")
            let folder = slash.map { $0 == file.path.startIndex ? "/" : String(file.path[..<$0]) } ?? "."
            let name = slash.map { String(file.path[file.path.index(after: $0)...]) } ?? file.path
            guard Files.kind(folder) == .folder else {
                throw RegistryError(.unavailable, "\(folder): no such folder", hint: "make it first")
            }
            try DurableFolder(path: folder, temporaryFolder: folder).create(name, with: file.bytes)
        }
    }
}
