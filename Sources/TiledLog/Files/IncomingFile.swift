internal import Glibc

/// A file that comes in pieces from elsewhere, in a folder of what is not checked yet. It goes with its owner unless it
/// was given its place.
package final class IncomingFile: @unchecked Sendable {
    // One thread writes at a time; its owner looks when that has ended.
    private let descriptor: Descriptor
    package let name: String
    private let path: String
    /// Of the first write that failed.
    package private(set) var failure: FileError?

    /// - Parameter name: in the folder, of a file that is begun anew.
    package init(_ folder: DurableFolder, _ name: String) throws(FileError) {
        self.name = name
        path = folder.fullPath(name)
        try folder.makeFolder(DurableFolder.parent(of: path), mode: 0o700, sync: false)
        unsafe unlink(path)
        descriptor = try Descriptor(
            opening: path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600, operation: "write")
    }

    /// False when it failed.
    package func write(_ bytes: [UInt8]) -> Bool {
        do throws(FileError) {
            try DurableFolder.writeAll(bytes, to: descriptor.number, path: path)
            return true
        } catch {
            failure = failure ?? error
            return false
        }
    }

    deinit { unsafe unlink(path) }
}

extension DurableFolder {
    /// Gives a file of this folder another name in it, whatever was there. Durable at the next barrier.
    package func adopt(_ name: String, as target: String, mode: UInt32) throws(FileError) {
        let (source, place) = (fullPath(name), fullPath(target))
        try makeFolder(Self.parent(of: place), mode: Self.folderMode(for: mode), sync: false)
        guard unsafe chmod(source, mode) == 0 else { throw FileError("write", place) }
        guard unsafe rename(source, place) == 0 else { throw FileError("write", place) }
        DiskRecorder.record(.named(place))
    }

    /// Removes a folder with all that is in it. Links are removed, not followed.
    package func removeAll(_ name: String) throws(FileError) {
        try requireFolders(name)
        let path = fullPath(name)
        switch Files.kind(path) {
        case nil: return
        case .folder:
            for entry in try Files.unsortedNames(in: path) { try removeAll("\(name)/\(entry)") }
            guard unsafe rmdir(path) == 0 else { throw FileError("remove", path) }
        case .regular, .other:
            guard unsafe unlink(path) == 0 else { throw FileError("remove", path) }
        }
    }
}
