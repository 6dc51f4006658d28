internal import Agreements

/// Holds the documents of entry after entry against what the registry holds, each document once.
struct DocumentAudit {
    let registry: RegistryFolder
    /// From this entry on, a restricted document that is not held leaves the check undecided; before it, that is only
    /// told. Nil for a reader, who need not have any.
    let restrictedNeededFrom: Int64?

    private(set) var counts = AuditReport.Documents()
    private(set) var digests: Set<ContentDigest> = []
    private(set) var commitments: Set<DocumentCommitment> = []
    /// Documents that are there, by digest or commitment, with the size that was confirmed.
    private var confirmedSizes: [Reference: Int64] = [:]

    private enum Reference: Hashable {
        case digest(ContentDigest)
        case commitment(DocumentCommitment)
    }

    init(_ registry: RegistryFolder, restrictedNeededFrom: Int64? = nil) {
        self.registry = registry
        self.restrictedNeededFrom = restrictedNeededFrom
    }

    /// What there is to say of an entry's documents.
    mutating func findings(of judged: JudgedEntry) -> [Finding] {
        var findings: [Finding] = []
        let elsewhere: Finding.Severity =
            restrictedNeededFrom.map { judged.index >= $0 } ?? false ? .indeterminate : .warning
        for document in judged.entry.statement?.event.documents ?? [] {
            let reference = document.digest.map(Reference.digest) ?? document.commitment.map(Reference.commitment)
            // The same bytes once more; another size for them would be a false one.
            if let reference, confirmedSizes[reference] == document.sizeBytes { continue }
            let outcome = DocumentCheck.check(document, registry: registry)
            if let reference, case .present = outcome { confirmedSizes[reference] = document.sizeBytes }
            if isNew(document) {
                switch outcome {
                case .present, .wrong: counts.present += 1
                case .missing: counts.missing += 1
                case .elsewhere: counts.restricted += 1
                }
            }
            findings += [
                DocumentCheck.finding(
                    outcome, document, entry: judged.index, agreement: judged.entry.statement?.agreement?.text,
                    elsewhere: elsewhere)
            ].compactMap { $0 }
        }
        return findings
    }

    /// Takes note of documents that were looked at at another time.
    mutating func name(_ entry: Entry) {
        for document in entry.statement?.event.documents ?? [] { _ = isNew(document) }
    }

    private mutating func isNew(_ document: Document) -> Bool {
        if let digest = document.digest { return digests.insert(digest).inserted }
        if let commitment = document.commitment { return commitments.insert(commitment).inserted }
        return true
    }
}
