internal import Agreements

/// What an audit remembers of the documents that it has looked at: a few bytes of each that is as it should be.
struct DocumentMemory {
    private(set) var counts = AuditReport.Documents()
    /// Documents that are there with the size that was confirmed.
    private(set) var confirmed = FingerprintSet()
    /// Public ones that were named and not confirmed.
    private(set) var unconfirmed: Set<ContentDigest> = []
    /// Public ones that were looked at at another time, by digest alone.
    private var named = FingerprintSet()
    private(set) var commitments: Set<DocumentCommitment> = []

    /// Whether a public document of that digest was named, of which a file of that size can be the bytes.
    func isNamed(_ digest: ContentDigest, sizeBytes: Int64) -> Bool {
        let sized = SizedDocument(digest: digest, sizeBytes: sizeBytes)
        return confirmed.contains(sized) || unconfirmed.contains(digest) || named.contains(digest)
    }

    mutating func name(_ document: Document) {
        if let digest = document.digest { named.insert(digest) }
        if let commitment = document.commitment { commitments.insert(commitment) }
    }

    mutating func take(_ document: Document, _ outcome: DocumentCheck.Outcome) {
        guard isNew(document, outcome) else { return }
        switch outcome {
        case .present, .wrong: counts.present += 1
        case .missing: counts.missing += 1
        case .elsewhere: counts.restricted += 1
        }
    }

    /// Whether nothing was said of the document before, whatever size it was given.
    private mutating func isNew(_ document: Document, _ outcome: DocumentCheck.Outcome) -> Bool {
        let sized = SizedDocument(document)
        if let commitment = document.commitment {
            if case .present = outcome { confirmed.insert(sized) }
            return commitments.insert(commitment).inserted
        }
        guard let digest = document.digest else { return true }
        switch outcome {
        case .present:
            return confirmed.insert(sized) && !unconfirmed.contains(digest)
        case .wrong(let finding) where finding.key == "document.size":
            // Its bytes are right, so that the true size may have been confirmed.
            let actual = finding.actual.flatMap { Int64($0) } ?? -1
            let isConfirmed = confirmed.contains(SizedDocument(digest: digest, sizeBytes: actual))
            return unconfirmed.insert(digest).inserted && !isConfirmed
        case .missing, .elsewhere, .wrong:
            return unconfirmed.insert(digest).inserted
        }
    }
}

/// The bytes that a statement claims for a document.
struct SizedDocument: Hashable {
    private let digest: ContentDigest?
    private let commitment: DocumentCommitment?
    private let sizeBytes: Int64

    init(_ document: Document) {
        digest = document.digest
        commitment = document.commitment
        sizeBytes = document.sizeBytes
    }

    init(digest: ContentDigest, sizeBytes: Int64) {
        self.digest = digest
        commitment = nil
        self.sizeBytes = sizeBytes
    }
}
