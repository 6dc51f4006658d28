internal import Glibc
internal import OpenSSLKit
package import TransparencyLog

/// Adds entries to a tlog-tiles log on disk. Its owner holds the lock, and signs what `append` returns.
///
/// Order, each step on disk before the next: entry bundles, tiles from the lowest level up, and then everything is read
/// back: the head that is returned is derived from what the disk gives, never from memory.
package struct LogWriter {
    private let folder: DurableFolder
    private let reader: LogReader
    private var builder: TileBuilder
    private var openEntries: [ArraySlice<UInt8>]

    /// Opens the log at the tree that was signed last.
    ///
    /// - Parameter folder: the registry; the log lies in `ledger/`.
    /// - Throws: `LogError` naming the file when the right edge on disk does not lead to the root of `head`.
    package init(folder: DurableFolder, head: TreeHead) throws {
        self.folder = folder
        reader = LogReader(path: folder.fullPath("ledger"))
        do {
            builder = try TileBuilder(size: head.size, reader: reader)
            guard builder.range.root == head.root else {
                throw LogError(
                    path: "ledger", problem: .mismatch(expected: head.root.hex, actual: builder.range.root.hex))
            }
            openEntries = try Self.openEntries(builder, reader)
        } catch let error as LogError {
            throw try Self.culprit(head, reader) ?? error
        }
    }

    package var head: TreeHead { TreeHead(size: builder.size, root: builder.range.root) }

    /// The entries of the unfinished bundle, held against the tile of their hashes.
    private static func openEntries(_ builder: TileBuilder, _ reader: LogReader) throws -> [ArraySlice<UInt8>] {
        let width = Int(builder.size % Int64(TilePath.fullWidth))
        let index = builder.size / Int64(TilePath.fullWidth)
        guard width > 0, let bundle = TilePath(.entries, index: index, width: width) else { return [] }
        let entries = try reader.entries(bundle)
        let expected = builder.partialTiles.first { $0.tile.content == .hashes(level: 0) }?.hashes ?? []
        for (entry, hash) in zip(entries, expected) where MerkleTree.leafHash(entry) != hash {
            throw LogError(
                path: bundle.path, problem: .mismatch(expected: hash.hex, actual: MerkleTree.leafHash(entry).hex))
        }
        return entries
    }

    /// Which file it is that leads to another tree: found by computing all tiles anew.
    private static func culprit(_ head: TreeHead, _ reader: LogReader) throws -> LogError? {
        var check = TileCheck(reader: reader)
        try check.run(size: head.size)
        return check.mismatches(expectedRoot: head.root).first
    }

    /// Writes the entries after those that are there, durably.
    ///
    /// - Returns: the new head, to be signed.
    package mutating func append(_ entries: [[UInt8]]) throws -> TreeHead {
        let old = head
        let (newSize, overflow) = old.size.addingReportingOverflow(Int64(entries.count))
        guard !overflow else { throw MerkleProofError.sizeOutOfRange }
        let all = openEntries + entries.map { $0[...] }
        var written: [TilePath] = []
        for bundle in TilePath.newBundles(from: old.size, to: newSize) {
            let start = Int(bundle.index - old.size / Int64(TilePath.fullWidth)) * TilePath.fullWidth
            let bytes = try EntryBundle(Array(all[start..<(start + bundle.width)])).bytes
            try folder.place("ledger/\(bundle.path)", bytes, mode: bundle.isPartial ? 0o644 : 0o444)
            written.append(bundle)
        }
        try folder.barrier()

        var tiles: [(tile: TilePath, hashes: [SHA256Digest])] = []
        var hasher = SHA256Hasher()
        for entry in entries {
            try builder.append(MerkleTree.leafHash(entry, using: &hasher), using: &hasher) { tiles.append(($0, $1)) }
        }
        let unchanged = Set(TilePath.rightEdge(forSize: old.size))
        tiles += builder.partialTiles.filter { !unchanged.contains($0.tile) }
        for (tile, hashes) in tiles.sorted(by: { Self.isLower($0.tile, $1.tile) }) {
            let bytes = hashes.flatMap(\.bytes)
            try folder.place("ledger/\(tile.path)", bytes, mode: tile.isPartial ? 0o644 : 0o444)
        }
        try folder.barrier()
        try verifyOnDisk(from: old, bundles: written, tiles: tiles.map(\.tile))
        openEntries = Array(all.suffix(Int(newSize % Int64(TilePath.fullWidth))))
        return head
    }

    private static func isLower(_ left: TilePath, _ right: TilePath) -> Bool {
        guard case .hashes(let leftLevel) = left.content, case .hashes(let rightLevel) = right.content else {
            return false
        }
        return (leftLevel, left.index) < (rightLevel, right.index)
    }

    /// One flipped bit that is signed over ends a log for ever, so what will be signed is what the disk holds: the root
    /// is computed from the entries read back, and again from the tiles read back.
    private func verifyOnDisk(from old: TreeHead, bundles: [TilePath], tiles: [TilePath]) throws {
        var check = try TileBuilder(size: old.size, reader: reader)
        guard check.range.root == old.root else {
            throw LogError(
                path: "ledger", problem: .mismatch(expected: old.root.hex, actual: check.range.root.hex))
        }
        var recomputed: [TilePath: [SHA256Digest]] = [:]
        var hasher = SHA256Hasher()
        for bundle in bundles {
            var position = bundle.index * Int64(TilePath.fullWidth)
            for entry in try reader.entries(bundle) {
                if position >= old.size {
                    try check.append(MerkleTree.leafHash(entry, using: &hasher), using: &hasher) {
                        recomputed[$0] = $1
                    }
                }
                position += 1
            }
        }
        for (tile, hashes) in check.partialTiles { recomputed[tile] = hashes }
        for tile in tiles {
            guard try reader.hashes(tile) == recomputed[tile] else {
                throw LogError(
                    path: tile.path, problem: .mismatch(expected: "the hashes of its entries", actual: "others"))
            }
        }
        let fromTiles = try CompactRange(size: head.size, from: reader.subtrees(size: head.size)).root
        guard check.range.root == head.root, fromTiles == head.root else {
            throw LogError(
                path: "ledger", problem: .mismatch(expected: head.root.hex, actual: check.range.root.hex))
        }
    }

    // MARK: Removing what is no longer needed

    /// Removes partial tiles and bundles whose full ones are there, after the larger tree is published.
    package func removeSupersededPartials(from oldSize: Int64) throws(FileError) {
        for tile in Array(TilePath.newTiles(from: oldSize, to: builder.size))
            + Array(TilePath.newBundles(from: oldSize, to: builder.size)) where !tile.isPartial
        {
            try removeFolder("ledger/\(tile.path).p")
        }
    }

    /// Removes tiles and bundles beyond the tree, which a process that died before it signed has left behind. They
    /// were never promised to anyone.
    ///
    /// - Parameter isPromised: of a partial tile or bundle within the tree, whether it is of a size that was published;
    ///   one of a size that was only pending goes.
    package func removeUnpromised(isPromised: (TilePath) -> Bool = { _ in true }) throws(FileError) {
        guard Files.kind(folder.fullPath("ledger/tile")) == .folder else { return }
        for content in try Files.names(in: folder.fullPath("ledger/tile")) {
            try removeUnpromised(in: "tile/\(content)", isPromised)
        }
    }

    /// Looks at every name: within a step nothing is ordered, so that after a power cut a later tile may be there
    /// without an earlier one.
    private func removeUnpromised(in name: String, _ isPromised: (TilePath) -> Bool) throws(FileError) {
        let path = folder.fullPath("ledger/\(name)")
        guard Files.kind(path) == .folder else { return }
        for entry in try Files.names(in: path) {
            guard !entry.hasPrefix("x"), !entry.hasSuffix(".p") else {
                try removeUnpromised(in: "\(name)/\(entry)", isPromised)
                continue
            }
            guard let tile = TilePath(path: "\(name)/\(entry)"), isBeyond(tile) || tile.isPartial && !isPromised(tile),
                Files.kind("\(path)/\(entry)") == .regular
            else { continue }
            guard unsafe unlink("\(path)/\(entry)") == 0 else { throw FileError("remove", "\(path)/\(entry)") }
        }
        // Stays when it still holds something.
        if name.hasSuffix(".p") { unsafe rmdir(path) }
    }

    private func isBeyond(_ tile: TilePath) -> Bool {
        let level =
            switch tile.content {
            case .hashes(let level): level
            case .entries: 0
            }
        let count = builder.size >> Int64(8 * level)
        // Not multiplied: an index may be any number that a path can say.
        return tile.index > count / Int64(TilePath.fullWidth)
            || tile.index == count / Int64(TilePath.fullWidth) && Int64(tile.width) > count % Int64(TilePath.fullWidth)
    }

    private func removeFolder(_ name: String) throws(FileError) {
        let path = folder.fullPath(name)
        guard Files.kind(path) == .folder else { return }
        for file in try Files.names(in: path) { unsafe unlink("\(path)/\(file)") }
        guard unsafe rmdir(path) == 0 else { throw FileError("remove", path) }
    }
}
