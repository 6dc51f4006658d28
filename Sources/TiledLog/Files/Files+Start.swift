internal import Glibc

extension Files {
    /// What may be read is often far more than what is there.
    private static let bufferBytes = 1 << 16

    /// The first bytes of a regular file, at most `count`: enough to tell what it is without reading it all.
    package static func start(of path: String, count: Int, followingLinks: Bool = false) throws(FileError) -> [UInt8] {
        let file = try RegularFile(path, limitBytes: count, followingLinks: followingLinks)
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
