internal import TiledLog

/// Walks a folder that may hold anything.
enum FileWalk {
    private static let maximumDepth = 12

    /// Paths of all regular files below, relative to `root`, sorted within each folder. Links, pipes, devices and
    /// folders nested too deep are strays.
    static func regularFiles(in root: String, under folder: String, strays: inout [Finding]) -> [String] {
        var files: [String] = []
        walk(root, folder, depth: 0, &files, &strays)
        return files
    }

    /// What lies in a folder itself: regular files, and folders to look into; the rest are strays.
    static func contents(
        of folder: String, in root: String, strays: inout [Finding]
    ) -> (files: [String], folders: [String]) {
        var files: [String] = []
        var folders: [String] = []
        let depth = folder.utf8.count { $0 == UInt8(ascii: "/") }
        for (name, kind) in listed(
            folder, &strays, { () throws(FileError) in try Files.contents(of: "\(root)/\(folder)") })
        {
            switch kind {
            case .regular: files.append(name)
            case .folder where depth < maximumDepth: folders.append("\(folder)/\(name)")
            case .folder, .other: strays.append(stray("\(folder)/\(name)"))
            }
        }
        return (files, folders)
    }

    /// What a folder has; where it cannot be listed that is told, for nobody knows then what is in it.
    static func listed<Name>(
        _ folder: String, _ strays: inout [Finding], _ list: () throws(FileError) -> [Name]
    ) -> [Name] {
        do throws(FileError) {
            return try list()
        } catch {
            guard error.reason != .notFound else { return [] }
            strays.append(
                Finding("registry.folder.unreadable", .indeterminate, path: folder, error.description))
            return []
        }
    }

    private static func stray(_ path: String) -> Finding {
        Finding(
            "registry.file.unexpected", .indeterminate, path: path,
            "neither a regular file nor a folder that belongs here")
    }

    private static func walk(
        _ root: String, _ folder: String, depth: Int, _ files: inout [String], _ strays: inout [Finding]
    ) {
        let names = listed(folder, &strays) { () throws(FileError) in
            try Files.names(in: folder.isEmpty ? root : "\(root)/\(folder)")
        }
        for name in names {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            switch Files.kind("\(root)/\(path)") {
            case .regular: files.append(path)
            case .folder where depth < maximumDepth: walk(root, path, depth: depth + 1, &files, &strays)
            case .folder, .other, nil:
                strays.append(stray(path))
            }
        }
    }
}
