package import OpenSSLKit
package import TransparencyLog

/// Holds every tile of a log against its entries, in one pass, and tells a damaged entry from a damaged hash.
package struct TileCheck: ~Copyable {
    /// A leaf whose hash in the tile is another than its entry's.
    package struct LeafMismatch: Sendable {
        package let index: Int64
        package let bundle: TilePath
        package let tile: TilePath
        package let hashOfEntry: SHA256Digest
        package let hashInTile: SHA256Digest
    }

    private let reader: LogReader
    private let comparesTiles: Bool
    private var sizesOfInterest: ArraySlice<Int64>
    private var fromEntries = TileBuilder()
    /// The same tree over the leaf hashes that the tiles hold, to see which of the two leads to the signed root.
    private var fromTiles = CompactRange()
    private var hasher = SHA256Hasher()
    private var leafMismatches: [LeafMismatch] = []
    private var errors: [LogError] = []
    private var upperMismatches: [LogError] = []

    /// The roots of the tree at the sizes of interest that have been passed so far.
    package private(set) var roots: [Int64: SHA256Digest] = [:]

    /// - Parameters:
    ///   - comparesTiles: whether the tiles on disk are read and compared; without it only roots are computed.
    ///   - sizesOfInterest: ascending; the roots at these sizes are kept.
    package init(reader: LogReader, comparesTiles: Bool = true, sizesOfInterest: [Int64] = []) {
        self.reader = reader
        self.comparesTiles = comparesTiles
        // No entry leads to the empty tree.
        self.sizesOfInterest = sizesOfInterest.drop { $0 == 0 }
        if sizesOfInterest.first == 0 { roots[0] = MerkleTree.emptyRoot }
    }

    package var size: Int64 { fromEntries.size }
    /// Over the entries as they are on disk.
    package var root: SHA256Digest { fromEntries.range.root }

    /// Reads every bundle of a tree of that size itself; for callers who need nothing of the entries.
    package mutating func run(size: Int64) throws {
        for bundle in TilePath.bundles(forSize: size) {
            do {
                let entries = try reader.entries(bundle)
                try add(bundle: bundle, leafHashes: entries.map { MerkleTree.leafHash($0, using: &hasher) })
            } catch let error as LogError {
                try addUnreadable(bundle: bundle, error: error)
            }
        }
        try finish()
    }

    /// The next bundle, with the hashes of its entries.
    package mutating func add(bundle: TilePath, leafHashes: [SHA256Digest]) throws {
        guard let tile = TilePath(.hashes(level: 0), index: bundle.index, width: bundle.width) else { return }
        var stored = leafHashes
        if comparesTiles {
            do {
                stored = try reader.hashes(tile)
            } catch {
                errors.append(error)
            }
        }
        for (position, (leaf, hash)) in zip(leafHashes, stored).enumerated() where leaf != hash {
            leafMismatches.append(
                LeafMismatch(
                    index: bundle.index * Int64(TilePath.fullWidth) + Int64(position), bundle: bundle, tile: tile,
                    hashOfEntry: leaf, hashInTile: hash))
        }
        for (leaf, hash) in zip(leafHashes, stored) {
            try fromTiles.append(hash, using: &hasher)
            try appendFromEntries(leaf)
        }
    }

    /// The next bundle, which cannot be read: the tile's hashes stand in for its entries', so that the rest can still
    /// be checked.
    package mutating func addUnreadable(bundle: TilePath, error: LogError) throws {
        errors.append(error)
        guard let tile = TilePath(.hashes(level: 0), index: bundle.index, width: bundle.width) else { return }
        let stored: [SHA256Digest]
        do {
            stored = try reader.hashes(tile)
        } catch {
            errors.append(error)
            stored = Array(repeating: MerkleTree.emptyRoot, count: tile.width)
        }
        for hash in stored {
            try fromTiles.append(hash, using: &hasher)
            try appendFromEntries(hash)
        }
    }

    private mutating func appendFromEntries(_ leaf: SHA256Digest) throws {
        var filled: [(tile: TilePath, hashes: [SHA256Digest])] = []
        try fromEntries.append(leaf, using: &hasher) { filled.append(($0, $1)) }
        for (tile, hashes) in filled { compareUpper(tile, hashes) }
        while let next = sizesOfInterest.first, next <= fromEntries.size {
            sizesOfInterest.removeFirst()
            if next == fromEntries.size { roots[next] = root }
        }
    }

    /// To be called after the last bundle.
    package mutating func finish() throws {
        for (tile, hashes) in fromEntries.partialTiles { compareUpper(tile, hashes) }
    }

    private mutating func compareUpper(_ tile: TilePath, _ hashes: [SHA256Digest]) {
        // Level 0 was compared leaf by leaf.
        guard case .hashes(let level) = tile.content, level > 0, comparesTiles else { return }
        do {
            let stored = try reader.hashes(tile)
            guard let position = zip(hashes, stored).enumerated().first(where: { $1.0 != $1.1 })?.offset else { return }
            upperMismatches.append(
                LogError(
                    path: tile.path,
                    problem: .mismatch(expected: hashes[position].hex, actual: stored[position].hex)))
        } catch {
            errors.append(error)
        }
    }

    /// Leaves that are damaged entries rather than damaged hashes, given the root that was signed: those that differ
    /// from tiles which lead to it. When neither leads there, both are named.
    package func damagedEntries(expectedRoot: SHA256Digest) -> [LeafMismatch] {
        root == expectedRoot ? [] : leafMismatches
    }

    /// What is wrong with tiles and bundles, given the root that was signed.
    package func mismatches(expectedRoot: SHA256Digest) -> [LogError] {
        var found = errors
        let tilesAreRight = fromTiles.root == expectedRoot
        let entriesAreRight = root == expectedRoot
        for mismatch in leafMismatches {
            if !entriesAreRight {
                found.append(
                    LogError(
                        path: mismatch.bundle.path,
                        problem: .mismatch(expected: mismatch.hashInTile.hex, actual: mismatch.hashOfEntry.hex)))
            }
            if !tilesAreRight {
                found.append(
                    LogError(
                        path: mismatch.tile.path,
                        problem: .mismatch(expected: mismatch.hashOfEntry.hex, actual: mismatch.hashInTile.hex)))
            }
        }
        // Damaged entries change every hash above them: the tiles are not to blame for that.
        if entriesAreRight || leafMismatches.isEmpty { found += upperMismatches }
        if found.isEmpty, !entriesAreRight {
            found.append(
                LogError(path: "checkpoint", problem: .mismatch(expected: expectedRoot.hex, actual: root.hex)))
        }
        return found
    }
}
