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
