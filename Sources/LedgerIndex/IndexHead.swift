package import Agreements

/// Of which tree an index tells.
package struct IndexHead: Hashable, Sendable {
    /// The registry's, the leaf hash of entry 0.
    package let identity: ContentDigest
    package let size: Int64
    package let root: ContentDigest
    /// Whether every entry was judged in full when it was taken in: only then a writer may go on from it.
    package let isJudged: Bool
    /// How many agreements are registered in it.
    package let agreementCount: Int
    /// The first entry in it of a version that the program did not know.
    package let firstUnrecognisedEntry: Int64?

    package init(
        identity: ContentDigest, size: Int64, root: ContentDigest, isJudged: Bool, agreementCount: Int,
        firstUnrecognisedEntry: Int64?
    ) {
        self.identity = identity
        self.size = size
        self.root = root
        self.isJudged = isJudged
        self.agreementCount = agreementCount
        self.firstUnrecognisedEntry = firstUnrecognisedEntry
    }
}
