internal import Agreements
internal import OpenSSLKit
package import Registry

/// Holds what `EntryExaminer` says of a leaf against what the long way says of it.
package final class EntryComparison {
    package let examiner: EntryExaminer
    private let certificates: CertificateStore

    /// - Parameter known: good leaves, whose signers are no longer new afterwards.
    package init(certificates: CertificateStore, known: [[UInt8]]) {
        self.certificates = certificates
        examiner = EntryExaminer(certificates: certificates)
        for leaf in known { _ = examiner.examine(leaf[...], verifiesSignatures: true) }
    }

    /// Whether the leaf was taken without the long way.
    package private(set) var isShort = false

    /// What the two differ in; empty when they agree.
    package func differences(_ leaf: [UInt8]) -> [String] {
        // Not at the beginning of what it lies in, as in a bundle.
        let placed = ([0xAA, 0xBB] + leaf + [0xCC])[2..<(2 + leaf.count)]
        var found: [String] = []
        let light = examiner.read(placed)
        let before = examiner.longWayCount
        let (entry, outcomes) = examiner.examine(placed, verifiesSignatures: true)
        isShort = examiner.longWayCount == before

        let slowLight = Entry(leaf: leaf, checksProfile: false)
        let slow = Entry(leaf: leaf)
        found += differences(light, slowLight).map { "read for a listing: \($0)" }
        found += differences(entry, slow)
        let expected = SignatureCheck.outcomes(of: slow, certificates: certificates)
        if outcomes.map(Self.text) != expected.map(Self.text) {
            found.append("outcomes \(outcomes.map(Self.text)), not \(expected.map(Self.text))")
        }
        if isShort, !slow.deviations.isEmpty || expected.contains(where: { !Self.text($0).hasPrefix("valid") }) {
            found.append("taken the short way, and it is not good")
        }
        return found
    }

    private func differences(_ fast: Entry, _ slow: Entry) -> [String] {
        var found: [String] = []
        if fast.leaf != slow.leaf { found.append("leaf") }
        if fast.leafHash != slow.leafHash { found.append("leaf hash") }
        if fast.deviations != slow.deviations { found.append("deviations \(fast.deviations), not \(slow.deviations)") }
        if fast.statement?.canonicalBytes != slow.statement?.canonicalBytes { found.append("statement") }
        if fast.statementError != slow.statementError { found.append("the statement's error") }
        if fast.statementDigest != slow.statementDigest { found.append("the statement's digest") }
        if fast.signers.map(\.claimedTime) != slow.signers.map(\.claimedTime) { found.append("claimed times") }
        if fast.signers.map(\.scheme) != slow.signers.map(\.scheme) { found.append("schemes") }
        if fast.signedData?.content != slow.signedData?.content { found.append("content") }
        return found
    }

    private static func text(_ outcome: SignatureCheck.Outcome) -> String {
        switch outcome {
        case .valid(let certificate): "valid \(certificate.fingerprint)"
        case .invalid(let certificate): "invalid \(certificate.fingerprint)"
        case .otherCertificate: "other certificate"
        case .certificateMissing: "certificate missing"
        case .unreadable: "unreadable"
        }
    }
}
