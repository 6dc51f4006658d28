package import Agreements
package import OpenSSLKit
internal import TransparencyLog

/// One leaf of the ledger, read: a SignedData with a statement inside. Whatever is wrong with it is a value, for a bad
/// entry must be told about, not stumbled over.
package struct Entry: Sendable {
    package let leaf: [UInt8]
    package let leafHash: SHA256Digest
    /// Nil when the leaf is not even a SignedData.
    package let signedData: SignedData?
    /// Where it departs from the profile of docs/entry.md; empty for a good entry.
    package let deviations: [String]
    /// Nil when there is none, or it is not in its canonical form.
    package let statement: Statement?
    package let statementError: String?
    /// The identity of the event: SHA-256 of the statement's bytes. Nil when there are none.
    package let statementDigest: ContentDigest?

    /// - Parameter checksProfile: false for listings, which judge nothing; the deviations are then empty.
    package init(leaf: [UInt8], checksProfile: Bool = true) {
        self.leaf = leaf
        leafHash = MerkleTree.leafHash(leaf)
        let signedData: SignedData
        do {
            signedData = try SignedData(derBytes: leaf)
        } catch {
            self.signedData = nil
            deviations = ["\(error)"]
            statement = nil
            statementError = nil
            statementDigest = nil
            return
        }
        self.signedData = signedData
        deviations = checksProfile ? EntryProfile.deviations(of: signedData, leaf: leaf) : []
        guard let content = signedData.content else {
            statement = nil
            statementError = nil
            statementDigest = nil
            return
        }
        statementDigest = ContentDigest.of(content)
        do {
            statement = try Statement(canonicalBytes: content)
            statementError = nil
        } catch {
            statement = nil
            statementError = "\(error)"
        }
    }

    private init(_ other: Entry, deviations: [String]) {
        leaf = other.leaf
        leafHash = other.leafHash
        signedData = other.signedData
        self.deviations = deviations
        statement = other.statement
        statementError = other.statementError
        statementDigest = other.statementDigest
    }

    /// The same entry with its deviations from the profile.
    package func withProfileChecked() -> Entry {
        guard let signedData else { return self }
        return Entry(self, deviations: EntryProfile.deviations(of: signedData, leaf: leaf))
    }
}
