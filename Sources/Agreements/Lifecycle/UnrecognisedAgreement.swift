/// An agreement whose registration is of an unknown version: only the order of its life is known.
package struct UnrecognisedAgreement: Hashable, Sendable {
    package let id: AgreementID
    private let first: RecordedEvent<Event>
    private var later: [RecordedEvent<Event>] = []

    init(id: AgreementID, event: Event, entry: Int64, leafHash: ContentDigest) {
        self.id = id
        first = RecordedEvent(body: event, entry: entry, leafHash: leafHash)
    }

    var firstEntry: Int64 { first.entry }

    package var entryIndices: [Int64] { [first.entry] + later.map(\.entry) }

    package var head: ContentDigest { later.last { $0.body.advancesPrevious }?.leafHash ?? first.leafHash }

    mutating func apply(_ event: Event, entry: Int64, leafHash: ContentDigest) {
        later.append(RecordedEvent(body: event, entry: entry, leafHash: leafHash))
    }

    func lastEntry(restingOn entry: Int64) -> Int64? {
        later.lastEntry(restingOn: entry, first: first.entry)
    }

    /// As it would be without the entry; nil when nothing is left.
    func without(_ entry: Int64) -> UnrecognisedAgreement? {
        guard entry != first.entry else { return nil }
        var remaining = self
        remaining.later.removeAll { $0.entry == entry }
        return remaining
    }
}
