internal import Agreements
internal import LedgerIndex
internal import TiledLog

/// An index that is made by the way, in a pass over all entries.
final class IndexFilling {
    private let file: IndexFile
    private let writer: IndexWriter
    private var fault: (any Error)?
    private var isInPlace = false

    /// Nil when no index can be written, or the tree is too small for one.
    init?(_ registry: RegistryFolder, keys: KeysFolder, size: Int64) {
        guard size >= IndexUse.smallestSize, let file = IndexFile(registry, keys: keys),
            let writer = try? file.create()
        else { return nil }
        self.file = file
        self.writer = writer
    }

    /// Takes in an entry, the last of the state.
    func take(_ entry: Entry, _ state: LedgerState) {
        guard fault == nil else { return }
        do {
            try writer.append(IndexedEntry(entry, after: state))
        } catch {
            fault = error
        }
    }

    /// Puts it into its place, once the entries have led to the root.
    ///
    /// - Parameters:
    ///   - state: after its last entry.
    ///   - isJudged: whether all entries were judged in full.
    func finish(_ head: TreeHead, _ state: LedgerState, identity: ContentDigest, isJudged: Bool) {
        // It is a cache: whatever goes wrong, the next command reads the ledger.
        guard fault == nil else { return }
        do {
            try file.replace(
                writer,
                IndexHead(
                    identity: identity, size: head.size, root: ContentDigest(head.root), isJudged: isJudged,
                    agreementCount: state.agreementCount, firstUnrecognisedEntry: state.firstUnrecognisedEntry))
            isInPlace = true
        } catch {
            fault = error
        }
    }

    deinit {
        if !isInPlace { file.abandon() }
    }
}
