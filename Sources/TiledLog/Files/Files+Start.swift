internal import Glibc

extension Files {
    /// What may be read is often far more than what is there.
    private static let bufferBytes = 1 << 16

    /// The first bytes of a regular file, at most `count`: enough to tell what it is without reading it all.
    package static func start(of path: String, count: Int, followingLinks: Bool = false) throws(FileError) -> [UInt8] {
        try bytes(of: path, from: 0, count: count, followingLinks: followingLinks)
    }

    /// At most `count` bytes of a regular file from that one on: fewer where it ends.
    package static func bytes(
        of path: String, from offset: Int, count: Int, followingLinks: Bool = false
    ) throws(FileError) -> [UInt8] {
        let file = try RegularFile(path, limitBytes: offset + count, followingLinks: followingLinks)
        guard offset == 0 || lseek(file.descriptor.number, off_t(offset), SEEK_SET) == off_t(offset) else {
            throw FileError("read", path)
        }
        var start: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(max(1, count), bufferBytes))
        while start.count < count {
            let read = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(file.descriptor.number, $0.baseAddress, min($0.count, count - start.count))
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
