internal import Agreements

/// What an audit remembers of the documents that it has looked at: a few bytes of each that is as it should be.
struct DocumentMemory {
    private(set) var counts = AuditReport.Documents()
    /// Public documents whose bytes are there.
    private var confirmed = FingerprintSet()
    /// The sizes of some of these, so that neighbours who name the same document ask no file for it.
    private var recentSizes: [ContentDigest: Int64] = [:]
    private static let recentLimit = 1024
    /// Restricted ones, under their keys.
    private var confirmedCommitments = FingerprintSet()
    /// Public ones that were named, and are not there or have other bytes.
    private var unconfirmed: Set<ContentDigest> = []
    /// Public ones that were looked at at another time.
    private var named = FingerprintSet()
    private(set) var commitments: Set<DocumentCommitment> = []

    func isNamed(_ digest: ContentDigest) -> Bool {
        confirmed.contains(digest) || unconfirmed.contains(digest) || named.contains(digest)
    }

    /// Whether its bytes are there, and have the size that this statement gives.
    func isRecentlyPresent(_ document: Document) -> Bool {
        document.digest.flatMap { recentSizes[$0] } == document.sizeBytes
    }

    /// Whether its bytes are there. Of its size that says nothing: each statement gives one.
    func isConfirmed(_ document: Document) -> Bool {
        if let commitment = document.commitment { return confirmedCommitments.contains(commitment) }
        return document.digest.map { confirmed.contains($0) } ?? false
    }

    mutating func name(_ document: Document) {
        if let digest = document.digest { named.insert(digest) }
        if let commitment = document.commitment { commitments.insert(commitment) }
    }

    mutating func take(_ document: Document, _ outcome: DocumentCheck.Outcome) {
        if case .present = outcome, let digest = document.digest {
            if recentSizes.count >= Self.recentLimit { recentSizes.removeAll(keepingCapacity: true) }
            recentSizes[digest] = document.sizeBytes
        }
        guard isNew(document, outcome) else { return }
        switch outcome {
        case .present, .wrong: counts.present += 1
        case .missing: counts.missing += 1
        case .elsewhere: counts.restricted += 1
        }
    }

    /// Whether nothing was said of the document before.
    private mutating func isNew(_ document: Document, _ outcome: DocumentCheck.Outcome) -> Bool {
        if let commitment = document.commitment {
            if outcome.hasRightBytes { confirmedCommitments.insert(commitment) }
            return commitments.insert(commitment).inserted
        }
        guard let digest = document.digest else { return true }
        if outcome.hasRightBytes { return confirmed.insert(digest) && !unconfirmed.contains(digest) }
        return unconfirmed.insert(digest).inserted
    }
}

extension DocumentCheck.Outcome {
    /// Whether the bytes are those that were signed, whatever size was.
    fileprivate var hasRightBytes: Bool {
        switch self {
        case .present: true
        case .wrong(let finding): finding.key == "document.size"
        case .missing, .elsewhere: false
        }
    }
}
