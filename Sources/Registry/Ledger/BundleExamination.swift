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
            let entries = examiners.use { examiner in
                zip(part.first..., leaves).map { examine($1, $0, examiner) }
            }
            let root = part.isFull ? MerkleTree.root(of: entries.map(\.entry.leafHash)) : nil
            return Examined(part: part, entries: .success(entries), stored: stored, root: root)
        } catch {
            return Examined(part: part, entries: .failure(error), stored: stored, root: nil)
        }
    }

    private func examine(
        _ leaf: ArraySlice<UInt8>, _ index: Int64, _ examiner: EntryExaminer
    ) -> ExaminedEntry {
        let light = examiner.read(leaf)
        let isInScope = selection.isInScope(light.statement, at: index)
        let ofDocuments =
            selection.looksAtDocuments(of: light.statement, at: index)
            ? documents?.outcomes(of: light.statement?.event.documents ?? []) : nil
        guard isInScope || selection.bearsOnFold(light.statement, at: index) else {
            return ExaminedEntry(entry: light, isInScope: false, outcomes: nil, documents: ofDocuments)
        }
        let (entry, outcomes) = examiner.check(light)
        return ExaminedEntry(entry: entry, isInScope: isInScope, outcomes: outcomes, documents: ofDocuments)
    }
}
