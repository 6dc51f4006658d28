/// Who is told how far the passes over all entries of a ledger have come: whatever reads it, deep below a command.
package enum ReadingProgress {
    /// Told how many entries are done, of how many.
    @TaskLocal package static var tell: (@Sendable (_ done: Int64, _ total: Int64) -> Void)?
}
