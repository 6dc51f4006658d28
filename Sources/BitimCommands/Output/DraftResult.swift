internal import Agreements
internal import Registry

/// A draft in JSON: what `show`, `sign` and `--draft` say of it.
struct DraftResult: Encodable {
    struct Signature: Encodable {
        let party: String?
        let certificate: String
        let subject: String
        let claimedTime: String?
        let verified: Bool
        let verdict: Verdict
        let findings: [Finding]

        private enum CodingKeys: CodingKey {
            case party, certificate, subject, claimedTime, verified, verdict, findings
        }

        init(_ signer: DraftSigner) {
            party = signer.party?.text
            certificate = signer.certificate.text
            subject = signer.subject
            claimedTime = signer.claimedTime.flatMap { UTCTime(posixSeconds: $0)?.text }
            verified = signer.isVerified
            verdict = signer.verdict
            findings = signer.findings
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(party, forKey: .party)
            try container.encode(certificate, forKey: .certificate)
            try container.encode(subject, forKey: .subject)
            try container.encode(claimedTime, forKey: .claimedTime)
            try container.encode(verified, forKey: .verified)
            try container.encode(verdict, forKey: .verdict)
            try container.encode(findings, forKey: .findings)
        }
    }

    let schemaVersion = 1
    let path: String
    /// `ready`, `waiting`, `unsure`, `pending`, `registered`, `void` or `refused`.
    let state: String
    let verdict: Verdict
    let statement: EmbeddedJSON
    let statementDigest: String
    let required: [String]
    let missing: [String]
    let signatures: [Signature]
    let findings: [Finding]
    /// The index of the entry, once it is pending or registered.
    let entry: Int64?
    /// Those of restricted documents that lie beside the draft.
    let keyFiles: [String]
    /// Of the registry that a draft of entry 0 establishes, once all have signed it.
    let identity: String?

    private enum CodingKeys: CodingKey {
        case schemaVersion, path, state, verdict, statement, statementDigest, required, missing, signatures, findings
        case entry, keyFiles, identity
    }

    init(_ path: String, _ report: DraftReport) throws {
        self.path = path
        state = report.state.rawValue
        verdict = report.verdict
        statement = EmbeddedJSON(value: try CanonicalJSON(parsing: report.draft.statementBytes))
        statementDigest = report.draft.statementDigest.text
        required = report.draft.required.map(\.text)
        missing = report.missing.map(\.text)
        signatures = report.signers.map(Signature.init)
        findings = report.findings
        entry = report.index
        keyFiles = DraftPlace.keyPaths(of: report.draft, at: path)
        identity = report.identity?.text
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(path, forKey: .path)
        try container.encode(state, forKey: .state)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(statement, forKey: .statement)
        try container.encode(statementDigest, forKey: .statementDigest)
        try container.encode(required, forKey: .required)
        try container.encode(missing, forKey: .missing)
        try container.encode(signatures, forKey: .signatures)
        try container.encode(findings, forKey: .findings)
        try container.encode(entry, forKey: .entry)
        try container.encode(keyFiles, forKey: .keyFiles)
        try container.encode(identity, forKey: .identity)
    }
}
