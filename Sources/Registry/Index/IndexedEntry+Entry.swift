internal import Agreements
internal import LedgerIndex

extension IndexedEntry {
    /// - Parameter state: after the entry was taken in or passed over, as its last.
    init(_ entry: Entry, after state: LedgerState) {
        let index = state.size - 1
        let isSkipped = !state.isOfEffect(index)
        let statement = entry.statement
        var text: [UInt8]?
        switch statement?.event {
        case .agreementRegistered(let body)? where !isSkipped:
            text = statement?.agreement.map { body.searchText(of: $0) }
        case .agreementCorrected? where !isSkipped:
            // Beside what it was before: whoever finds by what was corrected finds out when reading.
            text = statement?.agreement.flatMap { state.agreement($0)?.searchText }
        default: break
        }
        let documents = (statement?.event.documents ?? []).compactMap { document in
            document.digest.map { ContentKey($0) } ?? document.commitment.map { ContentKey($0) }
        }
        self.init(
            index: index, agreement: statement?.agreement, statement: entry.statementDigest, isSkipped: isSkipped,
            documents: documents, searchText: text.map { String(decoding: $0, as: UTF8.self) })
    }
}
