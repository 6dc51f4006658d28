internal import Glibc

/// Where files go that are wrong and about to be replaced: whoever wants to know what happened finds them there.
package struct DamagedFiles: Sendable {
    private let files: DurableFolder
    private let folder: String

    /// - Parameter folder: in the registry, on the same file system.
    package init(_ files: DurableFolder, folder: String) {
        self.files = files
        self.folder = folder
    }

    /// Takes what lies under the name out of its place, whatever it is, and keeps it under the same name in the folder.
    /// Nothing happens when nothing is there.
    ///
    /// - Returns: the name that it has now.
    @discardableResult
    package func keep(_ name: String) throws(FileError) -> String? {
        // Where a folder should be, something else may lie: then that is what goes.
        for folder in DurableFolder.folders(of: name) where Files.kind(files.fullPath(folder)) != .folder {
            return try move(folder)
        }
        return try move(name)
    }

    private func move(_ name: String) throws(FileError) -> String? {
        let path = files.fullPath(name)
        guard Files.kind(path) != nil else { return nil }
        var kept = "\(folder)/\(name)"
        var number = 2
        while Files.kind(files.fullPath(kept)) != nil {
            kept = "\(folder)/\(name).\(number)"
            number += 1
        }
        try files.makeFolder(DurableFolder.parent(of: files.fullPath(kept)), mode: 0o755)
        guard unsafe rename(path, files.fullPath(kept)) == 0 else { throw FileError("keep what was at", path) }
        return kept
    }
}
