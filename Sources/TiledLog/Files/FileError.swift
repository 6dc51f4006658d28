internal import Glibc

/// A file operation that failed.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case notFound
        case notRegular
        /// A link or a file stands where a folder belongs.
        case notFolder
        case tooLarge(maximumBytes: Int)
        /// An exclusive creation found something there, or a file that must not change holds other bytes.
        case exists
        case system(Int32)

        package var isTooLarge: Bool { if case .tooLarge = self { true } else { false } }
    }

    package let path: String
    package let operation: String
    package let reason: Reason

    package init(path: String, operation: String, reason: Reason) {
        self.path = path
        self.operation = operation
        self.reason = reason
    }

    /// From the calling thread's errno.
    init(_ operation: String, _ path: String) {
        let code = errno
        self.init(path: path, operation: operation, reason: code == ENOENT ? .notFound : .system(code))
    }

    package var description: String {
        switch reason {
        case .notFound: "\(path): no such file"
        case .notRegular: "\(path): not a regular file"
        case .notFolder: "\(path): not a folder"
        case .tooLarge(let maximum): "\(path): larger than \(maximum) bytes"
        case .exists: "\(path): already there"
        case .system(let code): "\(path): cannot \(operation): \(unsafe String(cString: strerror(code)))"
        }
    }
}
