/// The body of an event with the entry that it stands in.
package struct RecordedEvent<Body: Hashable & Sendable>: Hashable, Sendable {
    package let body: Body
    /// The index of the entry.
    package let entry: Int64

    package init(body: Body, entry: Int64) {
        self.body = body
        self.entry = entry
    }
}
