internal import Glibc
internal import TiledLog

/// Parts of a file, read where they lie.
final class FileSlice: Sendable {
    private let descriptor: Int32
    private let path: String

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(path: path, operation: "read", reason: .system(errno)) }
    }

    deinit { close(descriptor) }

    /// Empty at the end.
    func read(at position: Int, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = -1
        repeat {
            got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(position)) }
        } while got < 0 && errno == EINTR
        guard got >= 0 else { throw FileError(path: path, operation: "read", reason: .system(errno)) }
        bytes.removeLast(count - got)
        return bytes
    }
}
