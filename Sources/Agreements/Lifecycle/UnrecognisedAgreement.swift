/// An agreement whose registration is of an unknown version: only the order of its life is known.
package struct UnrecognisedAgreement: Hashable, Sendable {
    package let id: AgreementID
    package private(set) var entryIndices: [Int64]
    package private(set) var head: ContentDigest

    init(id: AgreementID, entry: Int64, leafHash: ContentDigest) {
        self.id = id
        entryIndices = [entry]
        head = leafHash
    }

    mutating func apply(_ event: Event, entry: Int64, leafHash: ContentDigest) {
        entryIndices.append(entry)
        if event.advancesPrevious { head = leafHash }
    }
}
