internal import Glibc

extension Files {
    /// The first bytes of a regular file, at most `count`: enough to tell what it is without reading it all.
    package static func start(of path: String, count: Int, followingLinks: Bool = false) throws(FileError) -> [UInt8] {
        let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | (followingLinks ? 0 : O_NOFOLLOW)
        let descriptor = try Descriptor(opening: path, flags, operation: "read")
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else { throw FileError("read", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(path: path, operation: "read", reason: .notRegular)
        }
        var start: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: max(1, count))
        while start.count < count {
            let read = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor.number, $0.baseAddress, count - start.count)
            }
            if read < 0 {
                guard errno == EINTR else { throw FileError("read", path) }
                continue
            }
            guard read > 0 else { break }
            start += buffer[..<read]
        }
        return start
    }
}
