/// Why some bytes, or a value made in memory, are not a statement.
package struct StatementError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where the fault is, such as `body.parties[1].signatory`; empty when it is in the statement as a whole.
    package private(set) var keyPath: String
    package let reason: String
    /// Whether something is in a list that is there before.
    package let isRepetition: Bool

    package init(_ reason: String, at keyPath: String = "", isRepetition: Bool = false) {
        self.keyPath = keyPath
        self.reason = reason
        self.isRepetition = isRepetition
    }

    /// The fast reader does not say what it has stumbled over: the bytes are then read again, from a tree.
    static let unread = StatementError("cannot be read at once")

    package var description: String {
        keyPath.isEmpty ? reason : "\(keyPath): \(reason)"
    }

    /// The same error as the object sees it that has the value under `key`.
    ///
    /// Paths are put together on the way out, so that reading a statement without faults costs nothing for them.
    func inside(_ key: String) -> StatementError {
        var error = self
        if keyPath.isEmpty {
            error.keyPath = key
        } else if keyPath.utf8.first == UInt8(ascii: "[") {
            error.keyPath = key + keyPath
        } else {
            error.keyPath = "\(key).\(keyPath)"
        }
        return error
    }

    func inside(_ index: Int) -> StatementError {
        inside("[\(index)]")
    }
}
