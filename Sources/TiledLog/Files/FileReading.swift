internal import Glibc

/// An open file descriptor, closed with its scope.
@safe struct Descriptor: ~Copyable {
    let number: Int32

    init(opening path: String, _ flags: Int32, mode: mode_t = 0, operation: String) throws(FileError) {
        while true {
            let opened = unsafe open(path, flags | O_CLOEXEC, mode)
            if opened >= 0 {
                number = opened
                return
            }
            guard errno == EINTR else {
                // O_NOFOLLOW makes opening a link fail with ELOOP; a socket cannot be opened at all.
                let isLink = errno == ELOOP && flags & O_NOFOLLOW != 0
                guard isLink || errno == ENXIO else { throw FileError(operation, path) }
                throw FileError(path: path, operation: operation, reason: .notRegular)
            }
        }
    }

    deinit { close(number) }
}

/// A regular file, or stdin for `-`, open for reading from its beginning.
@safe struct RegularFile: ~Copyable {
    let descriptor: Descriptor
    /// Of stdin, more than the limit when it is larger.
    let sizeBytes: Int

    /// - Parameter limitBytes: how much of it is wanted.
    init(_ path: String, limitBytes: Int, followingLinks: Bool) throws(FileError) {
        let isStandardInput = path == StandardInput.name
        let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | (followingLinks || isStandardInput ? 0 : O_NOFOLLOW)
        let place = isStandardInput ? try StandardInput.path(limitBytes: limitBytes) : path
        let descriptor = try Descriptor(opening: place, flags, operation: "read")
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else { throw FileError("read", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(path: path, operation: "read", reason: .notRegular)
        }
        self.descriptor = descriptor
        sizeBytes = Int(status.st_size)
    }
}

/// Reading files that nobody vouches for: links are not followed, and pipes and devices never block.
package enum Files {
    /// The whole of a regular file.
    package static func read(_ path: String, maximumBytes: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        let count = try read(path, maximumBytes: maximumBytes, into: &bytes)
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// The whole of a regular file, into a buffer that is used again.
    ///
    /// - Parameter buffer: made larger where the file needs it, never smaller.
    /// - Returns: how many bytes the file has, from the beginning of the buffer on.
    package static func read(
        _ path: String, maximumBytes: Int, into buffer: inout [UInt8]
    ) throws(FileError) -> Int {
        let file = try RegularFile(path, limitBytes: maximumBytes, followingLinks: false)
        let tooLarge = FileError(path: path, operation: "read", reason: .tooLarge(maximumBytes: maximumBytes))
        guard file.sizeBytes <= maximumBytes else { throw tooLarge }
        // One byte more than it had when it was opened: the end shows without asking again.
        let wanted = file.sizeBytes + 1
        if buffer.count < wanted { buffer = [UInt8](repeating: 0, count: wanted) }
        var total = 0
        while true {
            if total == buffer.count { buffer += [UInt8](repeating: 0, count: 1 << 16) }
            let count = unsafe buffer.withUnsafeMutableBytes { space in
                unsafe Glibc.read(file.descriptor.number, space.baseAddress?.advanced(by: total), space.count - total)
            }
            if count < 0 {
                guard errno == EINTR else { throw FileError("read", path) }
                continue
            }
            guard count > 0 else { return total }
            total += count
            guard total <= maximumBytes else { throw tooLarge }
            if total == file.sizeBytes { return total }
        }
    }

    /// Hands a regular file's bytes over in chunks, so that memory does not grow with the file. Returns its size.
    @discardableResult
    package static func stream(
        _ path: String, chunkBytes: Int = 1 << 20, maximumBytes: Int = .max, followingLinks: Bool = false,
        _ body: (ArraySlice<UInt8>) -> Void
    ) throws(FileError) -> Int {
        let file = try RegularFile(path, limitBytes: maximumBytes, followingLinks: followingLinks)
        let tooLarge = FileError(path: path, operation: "read", reason: .tooLarge(maximumBytes: maximumBytes))
        guard file.sizeBytes <= maximumBytes else { throw tooLarge }
        var total = 0
        var buffer = [UInt8](repeating: 0, count: max(1, min(chunkBytes, file.sizeBytes + 1)))
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(file.descriptor.number, $0.baseAddress, $0.count)
            }
            if count < 0 {
                guard errno == EINTR else { throw FileError("read", path) }
                continue
            }
            guard count > 0 else { return total }
            total += count
            guard total <= maximumBytes else { throw tooLarge }
            body(buffer[..<count])
            // The end of a regular file, without asking once more.
            if count < buffer.count, total == file.sizeBytes { return total }
        }
    }

    package enum Kind: Sendable { case regular, folder, other }

    /// What is at the path itself; a link is `other`. Nil when there is nothing.
    package static func kind(_ path: String) -> Kind? {
        guard path != StandardInput.name else { return .regular }
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .regular
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// Size in bytes and permission bits of a regular file.
    package static func attributes(
        _ path: String, followingLinks: Bool = false
    ) throws(FileError) -> (sizeBytes: Int, mode: UInt32) {
        // Nobody else can read what is kept of it.
        guard path != StandardInput.name else { return (try StandardInput.sizeBytes(), 0o600) }
        var status = stat()
        guard unsafe (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else {
            throw FileError("read", path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(path: path, operation: "read", reason: .notRegular)
        }
        return (Int(status.st_size), status.st_mode & 0o7777)
    }

    /// Permission bits of what is at the path itself, file or folder; nil when there is nothing.
    package static func permissions(_ path: String) -> UInt32? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    /// Names in a folder, sorted by bytes, without `.` and `..`; names that are not UTF-8 appear with U+FFFD.
    package static func names(in folder: String) throws(FileError) -> [String] {
        try unsortedNames(in: folder).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// As the file system has them.
    static func unsortedNames(in folder: String) throws(FileError) -> [String] {
        var names: [String] = []
        try forEach(in: folder) { name, _ in names.append(name) }
        return names
    }

    /// Names in a folder as `names(in:)` has them, each with what it is.
    package static func contents(of folder: String) throws(FileError) -> [(name: String, kind: Kind)] {
        var contents: [(name: String, kind: Kind)] = []
        try forEach(in: folder) { name, type in
            switch type {
            case UInt8(DT_REG): contents.append((name, .regular))
            case UInt8(DT_DIR): contents.append((name, .folder))
            // Not every file system tells.
            case UInt8(DT_UNKNOWN): contents.append((name, kind("\(folder)/\(name)") ?? .other))
            default: contents.append((name, .other))
            }
        }
        return contents.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func forEach(in folder: String, _ body: (String, UInt8) -> Void) throws(FileError) {
        guard let handle = unsafe opendir(folder) else { throw FileError("list", folder) }
        defer { unsafe closedir(handle) }
        // At its end, and at a fault, it says the same: only the number of the fault tells.
        errno = 0
        while let entry = unsafe readdir(handle) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { body(name, unsafe entry.pointee.d_type) }
            errno = 0
        }
        guard errno == 0 else { throw FileError("list", folder) }
    }
}
