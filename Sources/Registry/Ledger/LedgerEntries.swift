internal import Agreements
internal import Synchronization
internal import TiledLog
internal import TransparencyLog

/// Single entries of a ledger, read again where they lie; the last bundle that was asked for is kept.
final class LedgerEntries: Sendable {
    private let reader: LogReader
    /// Of the tree that the entries are of.
    private let size: Int64
    private let last = Mutex<(bundle: TilePath, leaves: [ArraySlice<UInt8>])?>(nil)

    init(_ reader: LogReader, size: Int64) {
        self.reader = reader
        self.size = size
    }

    func leaf(at index: Int64) throws(LogError) -> ArraySlice<UInt8> {
        let width = Int64(TilePath.fullWidth)
        guard (0..<size).contains(index),
            let bundle = TilePath(
                .entries, index: index / width, width: Int(min(width, size - index / width * width)))
        else { throw LogError(path: "tile/entries", problem: .missing) }
        return try last.withLock { last throws(LogError) in
            if last?.bundle != bundle { last = (bundle, try reader.entries(bundle)) }
            guard let leaf = last?.leaves[Int(index % width)] else {
                throw LogError(path: bundle.path, problem: .missing)
            }
            return leaf
        }
    }

    /// For a fold that has taken the entry in, and looks at it once more.
    func archived(at index: Int64) throws(ArchiveFault) -> ArchivedEntry {
        do throws(LogError) {
            let entry = Entry(leaf: Array(try leaf(at: index)), checksProfile: false)
            return ArchivedEntry(
                leafHash: ContentDigest(entry.leafHash), statement: entry.statement,
                statementDigest: entry.statementDigest)
        } catch {
            throw ArchiveFault("entry \(index) cannot be read again: \(error)")
        }
    }
}
