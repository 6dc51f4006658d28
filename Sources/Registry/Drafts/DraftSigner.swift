package import Agreements
internal import OpenSSLKit

/// One signature of a draft, and what it is worth as far as that can be told here.
package struct DraftSigner: Sendable {
    /// The party that it speaks for; nil for none that is known here.
    package let party: PartyID?
    package let certificate: ContentDigest
    package let subject: String
    /// The signer's own signing-time, in POSIX seconds.
    package let claimedTime: Int64?
    package let isVerified: Bool
    package let findings: [Finding]

    package var verdict: Verdict { findings.verdict }

    /// The first thing that speaks against it, in words.
    package var fault: String? { findings.first { $0.severity != .warning }?.message }
}

extension DraftSigner {
    /// - Parameters:
    ///   - entry: of that signature alone.
    ///   - judgements: of the entry's signatures: one.
    init(_ signature: DraftSignature, _ entry: Entry, _ judgements: [(signer: JudgedSigner, findings: [Finding])]) {
        let judged = judgements.first
        let deviations = entry.deviations.map { Finding("entry.profile", $0) }
        self.init(
            party: judged?.signer.isVerified == true ? judged?.signer.party : nil,
            certificate: ContentDigest(signature.certificate.fingerprint), subject: signature.certificate.subject,
            claimedTime: judged?.signer.claimedTime, isVerified: judged?.signer.isVerified ?? false,
            findings: deviations + (judged?.findings ?? []))
    }
}
