package import Agreements

/// One event as a trail tells it: docs/audit-trail.md.
package struct TrailRow: Encodable, Sendable {
    package struct Signer: Encodable, Sendable {
        package let party: String?
        /// The certificate's subject; nil when the certificate is not held.
        package let subject: String?
        /// When the signer says it signed, in UTC.
        package let claimedTime: String?

        private enum CodingKeys: CodingKey { case party, subject, claimedTime }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(party, forKey: .party)
            try container.encode(subject, forKey: .subject)
            try container.encode(claimedTime, forKey: .claimedTime)
        }
    }

    package let index: Int64
    package let leafHash: String
    package let statementDigest: String?
    package let event: String?
    package let agreement: String?
    package let title: [String: String]?
    package let titleStatus: String?
    package let signers: [Signer]
    /// In UTC; nil for entry 0, which names no tree.
    package let provedNotBefore: String?
    package let provedNotAfter: String?
    /// Of the entry itself, voided or not.
    package let verdict: Verdict
    package let findings: [String]
    /// Whether the parties have voided it: `entry.voided` is among the findings then.
    package let isVoided: Bool

    static let voidedKey = "entry.voided"

    package init(_ judged: JudgedEntry, state: LedgerState) {
        let statement = judged.entry.statement
        let agreement = statement?.agreement
        let registration = agreement.flatMap { state.agreement($0)?.registration }
        index = judged.index
        leafHash = ContentDigest(judged.entry.leafHash).text
        statementDigest = judged.entry.statementDigest?.text
        event = statement?.event.name
        self.agreement = agreement?.text
        title = registration?.title.map(\.byLanguage)
        titleStatus = registration?.titleStatus.text
        signers = judged.signers.map {
            Signer(
                party: $0.party?.text, subject: $0.subject,
                claimedTime: $0.claimedTime.flatMap { UTCTime(posixSeconds: $0)?.text })
        }
        provedNotBefore = judged.proved.notBefore.flatMap { UTCTime(posixSeconds: $0)?.text }
        provedNotAfter = judged.proved.notAfter.flatMap { UTCTime(posixSeconds: $0)?.text }
        verdict = judged.verdict
        isVoided = state.voidedEntries[judged.index] != nil
        findings = judged.findings.map(\.key) + (isVoided ? [Self.voidedKey] : [])
    }

    private enum CodingKeys: CodingKey {
        case index, leafHash, statementDigest, event, agreement, title, titleStatus, signers, provedNotBefore
        case provedNotAfter, verdict, findings
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(index, forKey: .index)
        try container.encode(leafHash, forKey: .leafHash)
        try container.encode(statementDigest, forKey: .statementDigest)
        try container.encode(event, forKey: .event)
        try container.encode(agreement, forKey: .agreement)
        try container.encode(title, forKey: .title)
        try container.encode(titleStatus, forKey: .titleStatus)
        try container.encode(signers, forKey: .signers)
        try container.encode(provedNotBefore, forKey: .provedNotBefore)
        try container.encode(provedNotAfter, forKey: .provedNotAfter)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(findings, forKey: .findings)
    }
}

extension LocalizedText {
    package var byLanguage: [String: String] {
        Dictionary(translations.map { ($0.language.text, $0.text) }) { first, _ in first }
    }

    /// The text in English or, where there is none, in the first language: for what must not depend on the reader.
    package var englishOrFirst: String {
        LanguageTag(text: "en").flatMap { self[$0] } ?? translations.first?.text ?? ""
    }
}
