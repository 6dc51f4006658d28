internal import OpenSSLKit
internal import TransparencyLog

/// Adds entries to a tlog-tiles log on disk. Its owner holds the lock, and signs what `append` returns.
///
/// Order, each step on disk before the next: entry bundles; tiles, from the lowest level up, of the hashes of what those
/// bundles give back; and then the tiles are read back too: the head that is returned is derived from what the disk
/// gives, never from memory.
///
/// An entry is copied once, into the bytes of its bundle, and hashed once, from what was read back.
package struct LogWriter {
    let folder: DurableFolder
    private let reader: LogReader
    package private(set) var head: TreeHead
    /// Those of the unfinished bundle: the next one begins with them.
    private var openEntries: [ArraySlice<UInt8>]
    /// Memory that is used again from bundle to bundle.
    private var bundleBytes: [UInt8] = []
    private var buffer = BundleBuffer()

    /// Opens the log at the tree that was signed last.
    ///
    /// - Parameter folder: the registry; the log lies in `ledger/`.
    /// - Throws: `LogError` naming the file when the right edge on disk does not lead to the root of `head`.
    package init(folder: DurableFolder, head: TreeHead) throws {
        self.folder = folder
        self.head = head
        reader = LogReader(path: folder.fullPath("ledger"))
        do {
            openEntries = try Self.openEntries(try Self.builder(at: head, reader), reader)
        } catch let error as LogError {
            throw try Self.culprit(head, reader) ?? error
        }
    }

    /// The tree as its right edge on disk has it, which must be the one that was signed.
    private static func builder(at head: TreeHead, _ reader: LogReader) throws -> TileBuilder {
        let builder = try TileBuilder(size: head.size, reader: reader)
        let root = builder.range.root
        guard root == head.root else {
            throw LogError(path: "ledger", problem: .mismatch(expected: head.root.hex, actual: root.hex))
        }
        return builder
    }

    /// The entries of the unfinished bundle, held against the tile of their hashes.
    private static func openEntries(_ builder: TileBuilder, _ reader: LogReader) throws -> [ArraySlice<UInt8>] {
        let width = Int(builder.size % Int64(TilePath.fullWidth))
        let index = builder.size / Int64(TilePath.fullWidth)
        guard width > 0, let bundle = TilePath(.entries, index: index, width: width) else { return [] }
        let entries = try reader.entries(bundle)
        var hasher = SHA256Hasher()
        for (entry, expected) in zip(entries, builder.openLeafHashes) {
            try require(MerkleTree.leafHash(entry.span, using: &hasher), expected, in: bundle)
        }
        return entries
    }

    private static func require(_ hash: SHA256Digest, _ expected: SHA256Digest, in file: TilePath) throws(LogError) {
        guard hash == expected else {
            throw LogError(path: file.path, problem: .mismatch(expected: expected.hex, actual: hash.hex))
        }
    }

    /// Which file it is that leads to another tree: found by computing all tiles anew.
    private static func culprit(_ head: TreeHead, _ reader: LogReader) throws -> LogError? {
        var check = TileCheck(reader: reader)
        try check.run(size: head.size)
        return check.mismatches(expectedRoot: head.root).first
    }

    package mutating func append(_ entries: [[UInt8]]) throws -> TreeHead { try append(entries.map { $0[...] }) }

    /// Writes the entries after those that are there, durably.
    ///
    /// - Parameter prepare: writes what shall be on disk together with the tiles, given the head to come: it is not
    ///   verified yet, so nothing may say that it is.
    /// - Returns: the new head, to be signed.
    package mutating func append(
        _ entries: [ArraySlice<UInt8>], prepare: (TreeHead) throws -> Void = { _ in }
    ) throws -> TreeHead {
        let old = head
        let (newSize, overflow) = old.size.addingReportingOverflow(Int64(entries.count))
        guard !overflow else { throw MerkleProofError.sizeOutOfRange }
        guard newSize > old.size else {
            _ = try Self.builder(at: old, reader)
            return old
        }
        let all = openEntries + entries
        let bundles = Array(TilePath.newBundles(from: old.size, to: newSize))
        for (number, bundle) in bundles.enumerated() {
            let start = number * TilePath.fullWidth
            try EntryBundle.write(all[start..<(start + bundle.width)], into: &bundleBytes)
            try place(bundle, bundleBytes)
        }
        try folder.barrier()

        var builder = try Self.builder(at: old, reader)
        var tiles: [(tile: TilePath, hashes: [SHA256Digest])] = []
        var hasher = SHA256Hasher()
        let openHashes = builder.openLeafHashes
        for (number, bundle) in bundles.enumerated() {
            try readBack(bundle, expected: all[(number * TilePath.fullWidth)...])
            for position in 0..<buffer.count {
                let hash = buffer.leafHash(position, using: &hasher)
                if number == 0, position < openHashes.count {
                    try Self.require(hash, openHashes[position], in: bundle)
                } else {
                    try builder.append(hash, using: &hasher) { tiles.append(($0, $1)) }
                }
            }
        }
        let unchanged = Set(TilePath.rightEdge(forSize: old.size))
        tiles += builder.partialTiles.filter { !unchanged.contains($0.tile) }
        tiles.sort { Self.isLower($0.tile, $1.tile) }
        for (tile, hashes) in tiles {
            try place(tile, unsafe hashes.withUnsafeRow { unsafe Array($0) })
        }
        let new = TreeHead(size: newSize, root: builder.range.root(using: &hasher))
        try prepare(new)
        try folder.barrier()
        for (tile, hashes) in tiles {
            guard try reader.hashes(tile) == hashes else {
                throw LogError(
                    path: tile.path, problem: .mismatch(expected: "the hashes of its entries", actual: "others"))
            }
        }
        _ = try Self.builder(at: new, reader)
        openEntries = Array(all.suffix(Int(newSize % Int64(TilePath.fullWidth))))
        head = new
        return new
    }

    /// The folder of a thousand tiles is on disk before the next one is made: `removeUnpromised` relies on it.
    private func place(_ file: TilePath, _ bytes: [UInt8]) throws(FileError) {
        let thousand = DurableFolder.parent(of: folder.fullPath("ledger/\(file.full.path)"))
        try folder.makeFolder(thousand, mode: 0o755)
        try folder.place("ledger/\(file.path)", bytes, mode: file.isPartial ? 0o644 : 0o444)
    }

    /// One flipped bit that is signed over ends a log for ever, so what will be signed is what the disk holds.
    private mutating func readBack(
        _ bundle: TilePath, expected: ArraySlice<ArraySlice<UInt8>>
    ) throws(LogError) {
        try reader.read(bundle, into: &buffer)
        for (position, entry) in zip(0..<buffer.count, expected) where !buffer.isEqual(position, entry) {
            throw LogError(
                path: bundle.path,
                problem: .mismatch(
                    expected: MerkleTree.leafHash(entry).hex, actual: MerkleTree.leafHash(buffer[position]).hex))
        }
    }

    private static func isLower(_ left: TilePath, _ right: TilePath) -> Bool {
        guard case .hashes(let leftLevel) = left.content, case .hashes(let rightLevel) = right.content else {
            return false
        }
        return (leftLevel, left.index) < (rightLevel, right.index)
    }
}
