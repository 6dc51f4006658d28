internal import Agreements
internal import Synchronization

/// Holds the documents of entry after entry against what the registry holds, each document once; several cores may ask at
/// the same time.
final class DocumentAudit: Sendable {
    let registry: RegistryFolder
    /// From this entry on, a restricted document that is not held leaves the check undecided; before it, that is only
    /// told. Nil for a reader, who need not have any.
    let restrictedNeededFrom: Int64?

    private let memory = Mutex(DocumentMemory())

    init(_ registry: RegistryFolder, restrictedNeededFrom: Int64? = nil) {
        self.registry = registry
        self.restrictedNeededFrom = restrictedNeededFrom
    }

    var counts: AuditReport.Documents { memory.withLock { $0.counts } }
    var commitments: Set<DocumentCommitment> { memory.withLock { $0.commitments } }

    /// Whether an entry has named a public document of that digest.
    func isNamed(_ digest: ContentDigest) -> Bool { memory.withLock { $0.isNamed(digest) } }

    /// What becomes of each document; nil for one whose bytes were looked at before, and that has the right size.
    func outcomes(of documents: [Document]) -> [DocumentCheck.Outcome?] {
        documents.map { document -> DocumentCheck.Outcome? in
            let (isPresent, isConfirmed) = memory.withLock { memory in
                memory.isRecentlyPresent(document) ? (true, true) : (false, memory.isConfirmed(document))
            }
            if isPresent { return nil }
            if isConfirmed {
                // The same bytes once more; another size for them would be a false one.
                guard let fault = DocumentCheck.sizeFault(of: document, registry: registry) else { return nil }
                return .wrong(fault)
            }
            let outcome = DocumentCheck.check(document, registry: registry)
            memory.withLock { $0.take(document, outcome) }
            return outcome
        }
    }

    /// What there is to say of an entry's documents; they are looked at now.
    func findings(of judged: JudgedEntry) -> [Finding] {
        findings(
            of: judged.entry, at: judged.index, outcomes: outcomes(of: judged.entry.statement?.event.documents ?? []))
    }

    /// The same with outcomes that are known; nil where the documents were not looked at.
    func findings(of entry: Entry, at index: Int64, outcomes: [DocumentCheck.Outcome?]?) -> [Finding] {
        guard let outcomes, !outcomes.isEmpty, let statement = entry.statement else { return [] }
        let elsewhere: Finding.Severity =
            restrictedNeededFrom.map { index >= $0 } ?? false ? .indeterminate : .warning
        return zip(statement.event.documents, outcomes).compactMap { document, outcome in
            outcome.flatMap {
                DocumentCheck.finding(
                    $0, document, entry: index, agreement: statement.agreement?.text, elsewhere: elsewhere)
            }
        }
    }

    /// Takes note of documents that were looked at at another time.
    func name(_ entry: Entry) {
        guard let documents = entry.statement?.event.documents, !documents.isEmpty else { return }
        memory.withLock { memory in
            for document in documents { memory.name(document) }
        }
    }
}
