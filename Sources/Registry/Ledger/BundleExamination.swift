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

    let reader: LogReader
    let certificates: CertificateStore
    let selection: EntrySelection
    let documents: DocumentAudit?
    let comparesTiles: Bool

    func examine(_ part: BundlePart) -> Examined {
        let stored = comparesTiles ? part.storedHashes(reader) : nil
        do throws(LogError) {
            let leaves = try reader.entries(part.bundle)[part.range]
            let entries = zip(part.first..., leaves).map { examine(Array($1), $0) }
            let root = part.isFull ? MerkleTree.root(of: entries.map(\.entry.leafHash)) : nil
            return Examined(part: part, entries: .success(entries), stored: stored, root: root)
        } catch {
            return Examined(part: part, entries: .failure(error), stored: stored, root: nil)
        }
    }

    private func examine(_ leaf: [UInt8], _ index: Int64) -> ExaminedEntry {
        let light = Entry(leaf: leaf, checksProfile: false)
        let isInScope = selection.isInScope(light.statement, at: index)
        let ofDocuments =
            selection.looksAtDocuments(of: light.statement, at: index)
            ? documents?.outcomes(of: light.statement?.event.documents ?? []) : nil
        guard isInScope || selection.bearsOnFold(light.statement, at: index) else {
            return ExaminedEntry(entry: light, isInScope: false, outcomes: nil, documents: ofDocuments)
        }
        let entry = light.withProfileChecked()
        return ExaminedEntry(
            entry: entry, isInScope: isInScope,
            outcomes: SignatureCheck.outcomes(of: entry, certificates: certificates),
            documents: ofDocuments)
    }
}
