internal import Synchronization

/// Who is told how far the passes over all entries of a ledger have come: whatever reads it, deep below a command.
package enum ReadingProgress {
    private static let listener = Mutex<(@Sendable (Int64, Int64) -> Void)?>(nil)

    /// From now on this one is told, for the whole process: how many entries are done, of how many.
    package static func listen(_ listener: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void) {
        self.listener.withLock { $0 = listener }
    }

    static func tell(_ done: Int64, of total: Int64) { listener.withLock { $0 }?(done, total) }
}
