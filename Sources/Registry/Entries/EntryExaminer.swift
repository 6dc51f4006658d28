internal import Agreements
internal import OpenSSLKit
internal import TransparencyLog

/// Reads entries and checks their signatures at the speed of the signatures: each leaf is read in place, contexts and
/// what is known of the signers are kept from one entry to the next.
///
/// This way only ever says that an entry is good. A leaf that is not plainly of the exact profile, a signer who is new,
/// a certificate that is not held, a signature that does not verify: all these go the long way over `SignedData`,
/// `EntryProfile` and OpenSSL's own encoding, which alone has findings to tell.
///
/// Not Sendable: one for each worker, for as long as the certificates stay the same.
package final class EntryExaminer {
    private let certificates: CertificateStore
    private let verifier = SignatureVerifier()
    private let known = KnownSigners()
    private var hasher = SHA256Hasher()
    /// Entries that went the long way, in whole or in part.
    package private(set) var longWayCount = 0

    package init(certificates: CertificateStore) {
        self.certificates = certificates
    }

    /// - Parameter verifiesSignatures: false for listings, which judge nothing; there are then no deviations and no
    ///   outcomes.
    package func examine(
        _ leaf: ArraySlice<UInt8>, verifiesSignatures: Bool
    ) -> (entry: Entry, outcomes: [SignatureCheck.Outcome]) {
        let entry = read(leaf)
        return verifiesSignatures ? check(entry) : (entry, [])
    }

    /// The entry without its deviations from the profile, as listings have it.
    package func read(_ leaf: ArraySlice<UInt8>) -> Entry {
        let bytes = leaf.span
        let leafHash = MerkleTree.leafHash(bytes, using: &hasher)
        guard leaf.count <= EntryProfile.maximumLeafBytes, let exact = ExactSignedData(bytes),
            exact.signers.count <= EntryProfile.maximumSigners, isReadable(exact, leaf)
        else {
            longWayCount += 1
            return Entry(leaf: leaf, leafHash: leafHash, checksProfile: false)
        }
        let digest = hasher.hash(bytes.extracting(exact.content))
        return Entry(leaf: leaf, leafHash: leafHash, exact: exact, statementDigest: ContentDigest(digest))
    }

    /// Whether the parts that were not read in place have the form that they need.
    private func isReadable(_ exact: ExactSignedData, _ leaf: ArraySlice<UInt8>) -> Bool {
        let bytes = leaf.span
        if exact.signers.allSatisfy({ known.find($0, in: bytes) != nil }) { return true }
        longWayCount += 1
        guard (try? SignedData(derBytes: Array(leaf))) != nil else { return false }
        for signer in exact.signers { known.remember(signer, in: bytes) }
        return true
    }

    /// The entry with its deviations from the profile, and one outcome for each signature.
    package func check(_ entry: Entry) -> (entry: Entry, outcomes: [SignatureCheck.Outcome]) {
        if let exact = entry.exact, let outcomes = validOutcomes(entry, exact) { return (entry, outcomes) }
        longWayCount += 1
        let checked = entry.withProfileChecked()
        let outcomes = SignatureCheck.outcomes(of: checked, certificates: certificates)
        if let exact = entry.exact, checked.deviations.isEmpty, outcomes.count == exact.signers.count {
            let leaf = entry.leaf
            let bytes = leaf.span
            for (signer, outcome) in zip(exact.signers, outcomes) {
                guard case .valid(let certificate) = outcome,
                    SignatureCheck.algorithmFault(signer.scheme, key: certificate.publicKey) == nil
                else { continue }
                known.remember(signer, in: bytes, certificate: certificate)
            }
        }
        return (checked, outcomes)
    }

    /// Nil unless all signatures are of known signers, and verify.
    private func validOutcomes(_ entry: Entry, _ exact: ExactSignedData) -> [SignatureCheck.Outcome]? {
        guard let digest = entry.statementDigest else { return nil }
        let leaf = entry.leaf
        let bytes = leaf.span
        var outcomes: [SignatureCheck.Outcome] = []
        outcomes.reserveCapacity(exact.signers.count)
        for signer in exact.signers {
            guard let verified = known.find(signer, in: bytes)?.verified,
                verifier.verifies(
                    signer, of: exact, in: bytes, contentDigest: SHA256Digest(digest), key: verified.key)
            else { return nil }
            outcomes.append(.valid(verified.certificate))
        }
        return outcomes
    }
}
