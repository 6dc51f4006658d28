internal import CLinux
internal import Glibc
internal import Synchronization

/// stdin under the name `-`, wherever a file is read that a user named: kept in memory, so that it can be looked at and
/// then read like any file. A file that is called `-` is `./-`.
package enum StandardInput {
    package static let name = "-"
    /// What is kept of it at most, whatever the reader would take.
    private static let maximumBytes = 1 << 30

    private struct Copy {
        /// Of an anonymous file; stays open as long as the process.
        let descriptor: Int32
        var sizeBytes = 0
        var isWhole = false
    }

    private static let copy = Mutex<Copy?>(nil)

    /// Reads on until there is more than the limit, or all.
    ///
    /// - Returns: where to open what has been read, from its beginning.
    static func path(limitBytes: Int) throws(FileError) -> String {
        let limitBytes = min(limitBytes, maximumBytes)
        let result = copy.withLock { copy -> Result<Int32, FileError> in
            do throws(FileError) {
                var known: Copy
                if let copy { known = copy } else { known = try Self.empty() }
                defer { copy = known }
                try Self.read(into: &known, until: limitBytes)
                guard known.sizeBytes <= maximumBytes else {
                    throw FileError(path: name, operation: "read", reason: .tooLarge(maximumBytes: maximumBytes))
                }
                return .success(known.descriptor)
            } catch {
                return .failure(error)
            }
        }
        return "/proc/self/fd/\(try result.get())"
    }

    /// The size of all of it.
    static func sizeBytes() throws(FileError) -> Int {
        _ = try path(limitBytes: maximumBytes)
        return copy.withLock { $0?.sizeBytes ?? 0 }
    }

    private static func empty() throws(FileError) -> Copy {
        let descriptor = unsafe memfd_create("stdin", UInt32(MFD_CLOEXEC))
        guard descriptor >= 0 else { throw FileError("read", name) }
        return Copy(descriptor: descriptor)
    }

    private static func read(into copy: inout Copy, until limitBytes: Int) throws(FileError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !copy.isWhole, copy.sizeBytes <= limitBytes {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError("read", name) }
            guard count > 0 else {
                copy.isWhole = true
                return
            }
            var rest = buffer[..<count]
            while !rest.isEmpty {
                let written = unsafe rest.withUnsafeBytes {
                    unsafe Glibc.write(copy.descriptor, $0.baseAddress, $0.count)
                }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw FileError("keep", name) }
                rest = rest.dropFirst(written)
            }
            copy.sizeBytes += count
        }
    }
}
