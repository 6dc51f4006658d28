package import Agreements

/// What an index keeps of an entry.
package struct IndexedEntry: Sendable {
    package let index: Int64
    /// Nil of the registry's own events, and of an entry whose statement cannot be read.
    package let agreement: AgreementID?
    /// Nil when the entry has no statement.
    package let statement: ContentDigest?
    /// Whether it was passed over, and so is of no effect.
    package let isSkipped: Bool
    package let documents: [ContentKey]
    /// What a search of its agreement looks through from this entry on; nil when it changes nothing of it.
    package let searchText: String?

    package init(
        index: Int64, agreement: AgreementID?, statement: ContentDigest?, isSkipped: Bool, documents: [ContentKey],
        searchText: String?
    ) {
        self.index = index
        self.agreement = agreement
        self.statement = statement
        self.isSkipped = isSkipped
        self.documents = documents
        self.searchText = searchText
    }
}

/// By what an index finds a digest: its first eight bytes. Whoever finds an entry by it reads it, and compares the rest.
package struct ContentKey: Hashable, Comparable, Sendable {
    let number: Int64

    package init(_ digest: ContentDigest) { self.init(digest.bytes) }
    package init(_ commitment: DocumentCommitment) { self.init(commitment.bytes) }

    private init(_ bytes: [UInt8]) {
        number = Int64(bitPattern: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
