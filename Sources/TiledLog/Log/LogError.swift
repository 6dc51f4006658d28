/// What is wrong with a log on disk, and in which file.
package struct LogError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Problem: Hashable, Sendable {
        case missing
        case malformed(String)
        /// The bytes are well-formed and lead to another tree than they should.
        case mismatch(expected: String, actual: String)
        case file(FileError)
    }

    package let path: String
    package let problem: Problem

    package init(path: String, problem: Problem) {
        self.path = path
        self.problem = problem
    }

    init(_ error: FileError, path: String) {
        self.init(path: path, problem: error.reason == .notFound ? .missing : .file(error))
    }

    package var description: String {
        switch problem {
        case .missing: "\(path) is missing"
        case .malformed(let reason): "\(path) is malformed: \(reason)"
        case .mismatch(let expected, let actual):
            "\(path) does not match the tree: expected \(expected), found \(actual)"
        case .file(let error):
            FileError(path: path, operation: error.operation, reason: error.reason).description
        }
    }
}
