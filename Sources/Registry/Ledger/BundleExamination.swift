internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// The part of a pass over a ledger that does not depend on the order of entries: reading, hashing, signatures,
/// documents. Done on all cores at once.
struct BundleExamination: Sendable {
    struct ExaminedEntry: Sendable {
        let entry: Entry
        let isInScope: Bool
        /// Nil when the entry is not to be judged.
        let outcomes: [SignatureCheck.Outcome]?
        /// Nil when its documents are not looked at.
        let documents: [DocumentCheck.Outcome?]?
    }

    struct Examined: Sendable {
        let part: BundlePart
        let entries: Result<[ExaminedEntry], LogError>
        /// What the tile of their hashes says; nil when it was not asked.
        let stored: Result<[SHA256Digest], LogError>?
        /// Of a whole bundle.
        let root: SHA256Digest?
    }

    private let reader: LogReader
    private let examiners: EntryExaminers
    private let selection: EntrySelection
    private let documents: DocumentAudit?
    private let comparesTiles: Bool

    init(
        reader: LogReader, certificates: CertificateStore, selection: EntrySelection, documents: DocumentAudit?,
        comparesTiles: Bool
    ) {
        self.reader = reader
        examiners = EntryExaminers(certificates: certificates)
        self.selection = selection
        self.documents = documents
        self.comparesTiles = comparesTiles
    }

    func examine(_ part: BundlePart) -> Examined {
        let stored = comparesTiles ? part.storedHashes(reader) : nil
        do throws(LogError) {
            let leaves = try reader.entries(part.bundle)[part.range]
            let entries = examiners.use { examine(leaves, from: part.first, $0) }
            let root = part.isFull ? MerkleTree.root(of: entries.map(\.entry.leafHash)) : nil
            return Examined(part: part, entries: .success(entries), stored: stored, root: root)
        } catch {
            return Examined(part: part, entries: .failure(error), stored: stored, root: nil)
        }
    }

    /// One kind of work after the other for the whole bundle, and not all of it for each entry: what a core needs for
    /// reading statements has left its caches after two signatures.
    private func examine(
        _ leaves: ArraySlice<ArraySlice<UInt8>>, from first: Int64, _ examiner: EntryExaminer
    ) -> [ExaminedEntry] {
        let read = leaves.map { examiner.read($0) }
        let ofDocuments = zip(first..., read).map { index, entry in
            selection.looksAtDocuments(of: entry.statement, at: index)
                ? documents?.outcomes(of: entry.statement?.event.documents ?? []) : nil
        }
        return zip(zip(first..., read), ofDocuments).map { numbered, ofDocuments in
            let (index, entry) = numbered
            let isInScope = selection.isInScope(entry.statement, at: index)
            guard isInScope || selection.bearsOnFold(entry.statement, at: index) else {
                return ExaminedEntry(entry: entry, isInScope: false, outcomes: nil, documents: ofDocuments)
            }
            let (checked, outcomes) = examiner.check(entry)
            return ExaminedEntry(entry: checked, isInScope: isInScope, outcomes: outcomes, documents: ofDocuments)
        }
    }
}
