internal import CLinux
internal import Glibc

/// A folder whose files survive a crash of the machine once a call has said so.
///
/// Nothing is ever half-written under its own name: bytes go to a temporary file first, which is renamed into place. An
/// fsync that fails ends the process: the kernel may have dropped the pages, so that a second try would report success
/// for bytes that are gone.
package struct DurableFolder: Sendable {
    package let path: String
    /// Where temporary files lie until they are renamed; on the same file system, swept at the next start.
    private let temporaryFolder: String

    package init(path: String, temporaryFolder: String) {
        self.path = path
        self.temporaryFolder = temporaryFolder
    }

    package func fullPath(_ name: String) -> String { "\(path)/\(name)" }

    // MARK: Verbs that are durable when they return

    /// Puts the bytes under the name, whatever was there.
    package func replace(_ name: String, with bytes: [UInt8], mode: UInt32 = 0o644) throws(FileError) {
        try put(name, bytes, mode: mode, exclusively: false)
    }

    private func put(_ name: String, _ bytes: [UInt8], mode: UInt32, exclusively: Bool) throws(FileError) {
        let file = try prepare(name, bytes, mode: mode, beforeBarrierOf: nil)
        if exclusively { try create(file) } else { try replace([file]) }
    }

    /// Puts the bytes under a name that must be free.
    package func create(_ name: String, with bytes: [UInt8], mode: UInt32 = 0o644) throws(FileError) {
        try put(name, bytes, mode: mode, exclusively: true)
    }

    /// Copies a file of any size to a name that must be free; see `placeCopy`.
    package func createCopy(
        _ name: String, of source: String, mode: UInt32 = 0o644, update: (ArraySlice<UInt8>) -> Void,
        isWanted: () -> Bool
    ) throws(FileError) -> Bool {
        try requireFolders(name)
        let target = fullPath(name)
        let folder = Self.parent(of: target)
        let parent = try Descriptor(opening: folder, O_RDONLY | O_DIRECTORY, operation: "open")
        let copy = try named(target) { () throws(FileError) in
            try copyTemporary(source, mode: mode, sync: true, update: update, isWanted: isWanted)
        }
        guard let temporary = copy else { return false }
        try link(temporary, to: target)
        synchronise(parent.number, folder)
        return true
    }

    // MARK: Verbs that become durable together, at the next barrier

    /// Puts the bytes under the name unless they are there already. What was there is replaced: callers use it for
    /// names that no stored checkpoint has promised yet, or whose bytes their own hash has confirmed.
    package func place(_ name: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws(FileError) {
        let target = fullPath(name)
        if let present = try? Files.read(target, maximumBytes: bytes.count), present == bytes { return }
        if let slash = target.lastIndex(of: "/") {
            try makeFolder(String(target[..<slash]), mode: Self.folderMode(for: mode), sync: false)
        }
        let temporary = try named(target) { () throws(FileError) in
            try writeTemporary(bytes, mode: mode, sync: false)
        }
        try move(temporary, to: target)
    }

    /// Copies a file of any size to the name.
    ///
    /// - Parameters:
    ///   - update: handed the bytes as they are copied.
    ///   - isWanted: asked at the end, before the copy gets its name; otherwise nothing is left.
    package func placeCopy(
        _ name: String, of source: String, mode: UInt32 = 0o644, update: (ArraySlice<UInt8>) -> Void,
        isWanted: () -> Bool
    ) throws(FileError) -> Bool {
        let target = fullPath(name)
        if let slash = target.lastIndex(of: "/") {
            try makeFolder(String(target[..<slash]), mode: Self.folderMode(for: mode), sync: false)
        }
        let copy = try named(target) { () throws(FileError) in
            try copyTemporary(source, mode: mode, sync: false, update: update, isWanted: isWanted)
        }
        guard let temporary = copy else { return false }
        try move(temporary, to: target)
        return true
    }

    /// Nil, and nothing is left, when the copy is not wanted.
    private func copyTemporary(
        _ source: String, mode: UInt32, sync: Bool, update: (ArraySlice<UInt8>) -> Void, isWanted: () -> Bool
    ) throws(FileError) -> String? {
        try makeFolder(temporaryFolder, mode: 0o700)
        let temporary = temporaryName()
        let descriptor = try openTemporary(temporary, mode: mode)
        do throws(FileError) {
            var failure: FileError?
            try Files.stream(source, followingLinks: true) { chunk in
                update(chunk)
                guard failure == nil else { return }
                do throws(FileError) {
                    try Self.writeAll(Array(chunk), to: descriptor.number, path: temporary)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        guard isWanted() else {
            unsafe unlink(temporary)
            return nil
        }
        if sync { synchronise(descriptor.number, temporary) }
        return temporary
    }

    /// What only its owner reads lies in a folder that only its owner enters.
    static func folderMode(for mode: UInt32) -> UInt32 { mode == 0o600 ? 0o700 : 0o755 }

    /// Puts on disk that the name is there, or is not: what a killed process has named may be seen, and not be on disk.
    package func synchroniseName(_ name: String) throws(FileError) {
        let folder = Self.parent(of: fullPath(name))
        let parent = try Descriptor(opening: folder, O_RDONLY | O_DIRECTORY, operation: "open")
        synchronise(parent.number, folder)
    }

    /// Waits until all that was written to the file system before is on disk, files and folders alike.
    package func barrier() throws(FileError) {
        let descriptor = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY, operation: "open")
        guard syncfs(descriptor.number) == 0 else { endAfterFailedSync(path) }
        DiskRecorder.record(.barrier)
    }

    // MARK: Temporary files

    /// Removes what a killed process left behind. Only under the lock that writers hold.
    package func sweepTemporaryFiles() throws(FileError) {
        guard Files.kind(temporaryFolder) == .folder else { return }
        if temporaryFolder.hasPrefix("\(path)/") {
            try requireFolders(String(temporaryFolder.dropFirst(path.count + 1)))
        }
        for name in try Files.names(in: temporaryFolder) { unsafe unlink("\(temporaryFolder)/\(name)") }
    }

    /// The folders on the way to a name, the outermost first.
    static func folders(of name: String) -> [String] {
        name.indices.filter { name[$0] == "/" }.map { String(name[..<$0]) }
    }

    /// A link in the place of a folder may lead anywhere: nothing is written, renamed or removed through it.
    ///
    /// - Throws: `FileError.Reason.notFolder` for the first on the way to the name that is something else.
    func requireFolders(_ name: String) throws(FileError) {
        for folder in Self.folders(of: name) {
            guard let kind = Files.kind(fullPath(folder)) else { return }
            guard kind == .folder else {
                throw FileError(path: fullPath(folder), operation: "write", reason: .notFolder)
            }
        }
    }

    /// Makes a folder with its parents, each synced into the one above it.
    ///
    /// - Parameter sync: false where a barrier follows.
    package func makeFolder(_ folder: String, mode: UInt32, sync: Bool = true) throws(FileError) {
        if folder.hasPrefix("\(path)/") { try requireFolders("\(folder.dropFirst(path.count + 1))/") }
        guard Files.kind(folder) != .folder else { return }
        let parent: String
        if let slash = folder.lastIndex(of: "/") {
            parent = slash == folder.startIndex ? "/" : String(folder[..<slash])
        } else {
            parent = "."
        }
        if parent != "/", parent != "." { try makeFolder(parent, mode: 0o755, sync: sync) }
        guard unsafe mkdir(folder, mode) == 0 || errno == EEXIST else { throw FileError("make the folder", folder) }
        guard Files.kind(folder) == .folder || parent == "." else {
            throw FileError(path: folder, operation: "make the folder", reason: .notFolder)
        }
        guard sync else { return }
        let descriptor = try Descriptor(opening: parent, O_RDONLY | O_DIRECTORY, operation: "open")
        synchronise(descriptor.number, parent)
    }

    /// What failed on a temporary file has failed on the one that it was to become, whose name a user knows.
    func named<Result>(
        _ target: String, _ write: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        do throws(FileError) {
            return try write()
        } catch {
            guard error.path.hasPrefix("\(temporaryFolder)/") else { throw error }
            throw FileError(path: target, operation: error.operation, reason: error.reason)
        }
    }

    func writeTemporary(_ bytes: [UInt8], mode: UInt32, sync: Bool) throws(FileError) -> String {
        try makeFolder(temporaryFolder, mode: 0o700)
        let name = temporaryName()
        let descriptor = try openTemporary(name, mode: mode)
        do throws(FileError) {
            try Self.writeAll(bytes, to: descriptor.number, path: name)
        } catch {
            unsafe unlink(name)
            throw error
        }
        if sync { synchronise(descriptor.number, name) }
        return name
    }

    private func temporaryName() -> String { "\(temporaryFolder)/\(getpid())-\(UInt64.random(in: 0 ... .max))" }

    private func openTemporary(_ name: String, mode: UInt32) throws(FileError) -> Descriptor {
        let descriptor = try Descriptor(
            opening: name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode, operation: "write")
        // The process's umask may have taken bits away from what was asked for.
        guard fchmod(descriptor.number, mode) == 0 else {
            let failure = FileError("write", name)
            unsafe unlink(name)
            throw failure
        }
        return descriptor
    }

    static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0 {
                guard errno == EINTR else { throw FileError("write", path) }
                continue
            }
            written += count
        }
    }

    func move(_ temporary: String, to target: String) throws(FileError) {
        guard unsafe rename(temporary, target) == 0 else {
            let failure = FileError("write", target)
            unsafe unlink(temporary)
            throw failure
        }
        DiskRecorder.record(.named(target))
    }

    /// Gives the file its name unless something has it.
    func link(_ temporary: String, to target: String) throws(FileError) {
        let linked = unsafe Glibc.link(temporary, target) == 0
        let failure =
            errno == EEXIST
            ? FileError(path: target, operation: "create", reason: .exists) : FileError("create", target)
        unsafe unlink(temporary)
        guard linked else { throw failure }
        DiskRecorder.record(.named(target))
    }

    func synchronise(_ descriptor: Int32, _ path: String) {
        guard fsync(descriptor) == 0 else { endAfterFailedSync(path) }
        DiskRecorder.record(.synced(path))
    }

    private func endAfterFailedSync(_ path: String) -> Never {
        let reason = unsafe String(cString: strerror(errno))
        let message =
            "bitim: error: \(path): cannot be made durable: \(reason)\n"
            + "bitim: hint: nothing was acknowledged; check the disk, then run the command again\n"
        unsafe message.withCString { unsafe _ = write(STDERR_FILENO, $0, message.utf8.count) }
        _exit(4)
    }
}

extension DurableFolder {
    /// Removes a file that says nothing any more; that it is back after a crash must do no harm.
    package func remove(_ name: String) {
        guard (try? requireFolders(name)) != nil else { return }
        unsafe unlink(fullPath(name))
    }
}
