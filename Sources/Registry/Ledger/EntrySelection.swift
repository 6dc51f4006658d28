internal import Agreements

/// What of a ledger is judged, and why.
struct EntrySelection: Sendable {
    let scope: LedgerScan.Scope
    let voided: Set<Int64>

    func isInScope(_ statement: Statement?, at index: Int64) -> Bool {
        switch scope {
        case .all: true
        case .none, .documents: false
        case .from(let first): index >= first
        case .matching(let fits): statement.map { $0.agreement == nil || fits($0) } ?? true
        }
    }

    func looksAtDocuments(of statement: Statement?, at index: Int64) -> Bool {
        if case .documents = scope { return true }
        return isInScope(statement, at: index)
    }

    /// Whether the fold itself depends on how the entry is judged. Without entry 0 there is nothing to fold.
    func bearsOnFold(_ statement: Statement?, at index: Int64) -> Bool {
        index > 0 && (voided.contains(index) || statement.map { $0.agreement == nil } ?? false)
    }
}
