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

    /// Gives what lies under the name the same name in the folder as well, on disk when this returns. A file keeps its
    /// place until another one takes it, so that nothing is lost when the process dies in between. Nothing happens when
    /// nothing is there.
    package func keep(_ name: String) throws(FileError) {
        // Where a folder should be, something else may lie: then that is what goes.
        for folder in DurableFolder.folders(of: name) where Files.kind(files.fullPath(folder)) != .folder {
            return try takeAway(folder)
        }
        // No file can take the place of a folder.
        guard Files.kind(files.fullPath(name)) != .folder else { return try takeAway(name) }
        try keep(name) { path, kept in
            if unsafe link(path, kept) == 0 { return true }
            // Where a file can have no second name it goes.
            return unsafe [EPERM, EMLINK, EOPNOTSUPP].contains(errno) && rename(path, kept) == 0
        }
    }

    /// Takes what lies under the name out of its place, whatever it is, and keeps it likewise.
    package func takeAway(_ name: String) throws(FileError) {
        try keep(name) { path, kept in unsafe rename(path, kept) == 0 }
    }

    private func keep(_ name: String, by act: (String, String) -> Bool) throws(FileError) {
        let path = files.fullPath(name)
        guard Files.kind(path) != nil else { return }
        var kept = "\(folder)/\(name)"
        var number = 2
        while Files.kind(files.fullPath(kept)) != nil {
            kept = "\(folder)/\(name).\(number)"
            number += 1
        }
        try files.makeFolder(DurableFolder.parent(of: files.fullPath(kept)), mode: 0o755)
        guard act(path, files.fullPath(kept)) else { throw FileError("keep what was at", path) }
        try files.synchroniseName(kept)
    }
}
