/// The body of an event with the entry that it stands in.
package struct RecordedEvent<Body: Hashable & Sendable>: Hashable, Sendable {
    package let body: Body
    /// The index of the entry.
    package let entry: Int64
    package let leafHash: ContentDigest

    package init(body: Body, entry: Int64, leafHash: ContentDigest) {
        self.body = body
        self.entry = entry
        self.leafHash = leafHash
    }
}

extension [RecordedEvent<Event>] {
    /// The last entry that rests on this one, so that it must be voided first; nil when there is none.
    ///
    /// A note rests on the registration alone, and nothing rests on a note.
    ///
    /// - Parameter first: the entry that all others rest on.
    func lastEntry(restingOn entry: Int64, first: Int64) -> Int64? {
        let last: RecordedEvent<Event>?
        if entry == first {
            last = self.last { $0.entry != first }
        } else if let event = self.first(where: { $0.entry == entry })?.body, event.advancesPrevious {
            last = self.last { $0.body.advancesPrevious && $0.entry != first }
        } else {
            last = nil
        }
        return last?.entry == entry ? nil : last?.entry
    }
}
