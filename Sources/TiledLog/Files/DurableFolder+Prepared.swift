internal import Glibc

/// A file that is written, and gets its name in a later step.
package struct PreparedFile: Sendable {
    package let name: String
    package let bytes: [UInt8]
    let target: String
    let temporary: String
}

/// Verbs that share their syncs: what several steps need is written before one barrier, and named step by step.
extension DurableFolder {
    /// Writes a file without its name.
    ///
    /// - Parameter other: whose next barrier makes it durable, where both lie on the same file system. Elsewhere, and
    ///   for nil, it is durable when this returns.
    package func prepare(
        _ name: String, _ bytes: [UInt8], mode: UInt32 = 0o644, beforeBarrierOf other: DurableFolder?
    ) throws(FileError) -> PreparedFile {
        let target = fullPath(name)
        try makeFolder(Self.parent(of: target), mode: Self.folderMode(for: mode))
        let waits = other.map { isOnFileSystem(of: $0) } ?? false
        let temporary = try named(target) { () throws(FileError) in
            try writeTemporary(bytes, mode: mode, sync: !waits)
        }
        return PreparedFile(name: name, bytes: bytes, target: target, temporary: temporary)
    }

    /// Gives files their names, whatever was there, one sync for each folder. Durable when it returns; what was prepared
    /// has to be so already.
    package func replace(_ files: [PreparedFile]) throws(FileError) {
        let folders = Dictionary(grouping: files) { Self.parent(of: $0.target) }
        for (folder, files) in folders.sorted(by: { $0.key < $1.key }) {
            let parent = try Descriptor(opening: folder, O_RDONLY | O_DIRECTORY, operation: "open")
            for file in files { try move(file.temporary, to: file.target) }
            synchronise(parent.number, folder)
        }
    }

    /// Gives a file a name that must be free. Durable when it returns.
    package func create(_ file: PreparedFile) throws(FileError) {
        let folder = Self.parent(of: file.target)
        let parent = try Descriptor(opening: folder, O_RDONLY | O_DIRECTORY, operation: "open")
        try link(file.temporary, to: file.target)
        synchronise(parent.number, folder)
    }

    /// What was prepared and is not needed after all.
    package func discard(_ file: PreparedFile) { unsafe unlink(file.temporary) }

    static func parent(of path: String) -> String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

    private func isOnFileSystem(of other: DurableFolder) -> Bool {
        var mine = stat()
        var theirs = stat()
        return unsafe stat(path, &mine) == 0 && stat(other.path, &theirs) == 0 && mine.st_dev == theirs.st_dev
    }
}
