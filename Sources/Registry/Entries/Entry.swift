package import Agreements
package import OpenSSLKit
internal import TransparencyLog

/// One leaf of the ledger, read: a SignedData with a statement inside. Whatever is wrong with it is a value, for a bad
/// entry must be told about, not stumbled over.
///
/// A class, since it goes through many hands, and a statement is large to copy.
package final class Entry: Sendable {
    /// What the leaf was read as.
    private enum Reading: Sendable {
        /// In place; the tree is made when somebody asks for it.
        case exact(ExactSignedData)
        indirect case tree(SignedData)
        /// It is not even a SignedData.
        case none
    }

    /// Of the bytes that were given, which it keeps alive: nothing is copied.
    package let leaf: ArraySlice<UInt8>
    package let leafHash: SHA256Digest
    /// Where it departs from the profile of docs/entry.md; empty for a good entry.
    package let deviations: [String]
    /// Nil when there is none, or it is not in its canonical form.
    package let statement: Statement?
    package let statementError: String?
    /// The identity of the event: SHA-256 of the statement's bytes. Nil when there are none.
    package let statementDigest: ContentDigest?
    private let reading: Reading

    /// - Parameter checksProfile: false for listings, which judge nothing; the deviations are then empty.
    package convenience init(leaf: [UInt8], checksProfile: Bool = true) {
        self.init(leaf: leaf[...], leafHash: MerkleTree.leafHash(leaf), checksProfile: checksProfile)
    }

    init(leaf: ArraySlice<UInt8>, leafHash: SHA256Digest, checksProfile: Bool) {
        self.leaf = leaf
        self.leafHash = leafHash
        let bytes = Array(leaf)
        let signedData: SignedData
        do {
            signedData = try SignedData(derBytes: bytes)
        } catch {
            reading = .none
            deviations = ["\(error)"]
            statement = nil
            statementError = nil
            statementDigest = nil
            return
        }
        reading = .tree(signedData)
        deviations = checksProfile ? EntryProfile.deviations(of: signedData, leaf: bytes) : []
        guard let content = signedData.content else {
            statement = nil
            statementError = nil
            statementDigest = nil
            return
        }
        statementDigest = ContentDigest.of(content)
        (statement, statementError) = Self.statement(content[...])
    }

    /// A leaf that has been read in place.
    ///
    /// - Parameter statementDigest: of the content.
    init(
        leaf: ArraySlice<UInt8>, leafHash: SHA256Digest, exact: ExactSignedData, statementDigest: ContentDigest
    ) {
        self.leaf = leaf
        self.leafHash = leafHash
        reading = .exact(exact)
        deviations = []
        self.statementDigest = statementDigest
        let start = leaf.startIndex
        let content = leaf[(start + exact.content.lowerBound)..<(start + exact.content.upperBound)]
        (statement, statementError) = Self.statement(content)
    }

    private init(_ other: Entry, deviations: [String], tree: SignedData) {
        leaf = other.leaf
        leafHash = other.leafHash
        reading = .tree(tree)
        self.deviations = deviations
        statement = other.statement
        statementError = other.statementError
        statementDigest = other.statementDigest
    }

    private static func statement(_ content: ArraySlice<UInt8>) -> (Statement?, String?) {
        do {
            return (try content.withUnsafeBufferPointer { try Statement(canonicalBytes: $0) }, nil)
        } catch {
            return (nil, "\(error)")
        }
    }

    /// Where its parts lie; nil when it was read otherwise.
    var exact: ExactSignedData? {
        if case .exact(let exact) = reading { exact } else { nil }
    }

    /// Nil when the leaf is not even a SignedData. Made anew at each call when the leaf was read in place.
    package var signedData: SignedData? {
        switch reading {
        case .exact: try? SignedData(derBytes: Array(leaf))
        case .tree(let signedData): signedData
        case .none: nil
        }
    }

    /// The signatures, in the order of the SET.
    package var signers: [EntrySigner] {
        switch reading {
        case .exact(let exact):
            exact.signers.map { EntrySigner(claimedTime: $0.signingTime, scheme: $0.scheme) }
        case .tree(let signedData):
            signedData.signerInfos.map {
                EntrySigner(claimedTime: $0.signedAttributes?.signingTime, scheme: $0.scheme)
            }
        case .none: []
        }
    }

    /// The same entry with its deviations from the profile.
    package func withProfileChecked() -> Entry {
        guard let signedData else { return self }
        return Entry(self, deviations: EntryProfile.deviations(of: signedData, leaf: Array(leaf)), tree: signedData)
    }
}

/// What a signature says of itself.
package struct EntrySigner: Sendable {
    /// The signer's own signing-time, in POSIX seconds.
    package let claimedTime: Int64?
    /// Nil for an algorithm that is not known here, or one that does not go with the digest.
    package let scheme: SignatureScheme?
}
