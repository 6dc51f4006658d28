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
    /// The same tree over the leaf hashes that the tiles hold, to see which of the two leads to the signed root. Nil as
    /// long as it is the same.
    private var fromTiles: CompactRange?
    private var hasher = SHA256Hasher()
    private var leafMismatches: [LeafMismatch] = []
    private var errors: [LogError] = []
    private var upperMismatches: [LogError] = []
    /// The last bundle if it was not there.
    private var missing: TilePath?
    /// Whether the end of what is there came before that of the tree.
    private var isCutShort = false
    /// Whether hashes of tiles, or none, stand in for those of entries.
    private var lacksEntries = false
    /// Whether neither entries nor tiles gave some of the hashes.
    private var lacksHashes = false

    /// The roots of the tree at the sizes of interest that have been passed so far, as long as every hash was there.
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
            let part = BundlePart(bundle)
            let stored = comparesTiles ? part.storedHashes(reader) : nil
            do {
                let entries = try reader.entries(bundle)
                try add(part, leafHashes: entries.map { MerkleTree.leafHash($0, using: &hasher) }, stored: stored)
            } catch let error as LogError {
                guard try addUnreadable(part, error: error, stored: part.storedHashes(reader)) else { break }
            }
        }
        try finish()
    }

    /// The next entries, by their hashes.
    ///
    /// - Parameters:
    ///   - stored: what the tile holds for them; nil when tiles are not compared.
    ///   - root: of a full tile whose hashes agree with these, where somebody has computed it.
    package mutating func add(
        _ part: BundlePart, leafHashes: [SHA256Digest], stored: Result<[SHA256Digest], LogError>?,
        root: SHA256Digest? = nil
    ) throws {
        missing = nil
        var hashesInTile = leafHashes
        switch stored {
        case .success(let hashes): hashesInTile = hashes
        case .failure(let error): report(error, of: part)
        case nil: break
        }
        if leafHashes != hashesInTile {
            if fromTiles == nil { fromTiles = fromEntries.range }
            for (position, (leaf, hash)) in zip(leafHashes, hashesInTile).enumerated() where leaf != hash {
                guard let tile = part.tile else { continue }
                leafMismatches.append(
                    LeafMismatch(
                        index: part.first + Int64(position), bundle: part.bundle, tile: tile, hashOfEntry: leaf,
                        hashInTile: hash))
            }
        }
        if let root, fromTiles == nil, part.isFull, fromEntries.startsTile, !isOfInterestWithin(part) {
            return try append(tileRoot: root)
        }
        for (leaf, hash) in zip(leafHashes, hashesInTile) {
            try fromTiles?.append(hash, using: &hasher)
            try appendFromEntries(leaf)
        }
    }

    /// The next entries, which cannot be read: the tile's hashes stand in for theirs, so that the rest can still be
    /// checked.
    ///
    /// - Returns: false at the second bundle in a row that is missing, which ends the pass. The tree may be of a size that
    ///   nobody has, and the rest of it cannot be counted up one by one.
    package mutating func addUnreadable(
        _ part: BundlePart, error: LogError, stored: Result<[SHA256Digest], LogError>
    ) throws -> Bool {
        lacksEntries = true
        if error.problem == .missing, let missing, missing != part.bundle {
            isCutShort = true
            return false
        }
        missing = error.problem == .missing ? part.bundle : nil
        report(error, of: part)
        let hashes: [SHA256Digest]
        switch stored {
        case .success(let found): hashes = found
        case .failure(let error):
            report(error, of: part)
            lacksHashes = true
            hashes = Array(repeating: MerkleTree.emptyRoot, count: part.range.count)
        }
        for hash in hashes {
            try fromTiles?.append(hash, using: &hasher)
            try appendFromEntries(hash)
        }
        return true
    }

    /// A file that cannot be read is told of once, with the first part of it.
    private mutating func report(_ error: LogError, of part: BundlePart) {
        if part.range.lowerBound == 0 { errors.append(error) }
    }

    /// Whether a root is wanted of a tree that ends within the tile.
    private func isOfInterestWithin(_ part: BundlePart) -> Bool {
        sizesOfInterest.first.map { $0 < part.first + Int64(TilePath.fullWidth) } ?? false
    }

    private mutating func append(tileRoot root: SHA256Digest) throws {
        var filled: [(tile: TilePath, hashes: [SHA256Digest])] = []
        try fromEntries.append(tileRoot: root, using: &hasher) { filled.append(($0, $1)) }
        takeIn(filled)
    }

    private mutating func appendFromEntries(_ leaf: SHA256Digest) throws {
        var filled: [(tile: TilePath, hashes: [SHA256Digest])] = []
        try fromEntries.append(leaf, using: &hasher) { filled.append(($0, $1)) }
        takeIn(filled)
    }

    private mutating func takeIn(_ filled: [(tile: TilePath, hashes: [SHA256Digest])]) {
        for (tile, hashes) in filled { compareUpper(tile, hashes) }
        while let next = sizesOfInterest.first, next <= fromEntries.size {
            sizesOfInterest.removeFirst()
            if next == fromEntries.size, !lacksHashes { roots[next] = root }
        }
    }

    /// To be called after the last bundle.
    package mutating func finish() throws {
        guard !isCutShort else { return }
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

    /// Whether every entry was read, and they are those that were signed over.
    package func hasAllEntries(expectedRoot: SHA256Digest) -> Bool { !lacksEntries && root == expectedRoot }

    /// Leaves that are damaged entries rather than damaged hashes, given the root that was signed: those that differ
    /// from tiles which lead to it. When neither leads there, both are named.
    package func damagedEntries(expectedRoot: SHA256Digest) -> [LeafMismatch] {
        root == expectedRoot ? [] : leafMismatches
    }

    /// What is wrong with tiles and bundles, given the root that was signed.
    package func mismatches(expectedRoot: SHA256Digest) -> [LogError] {
        var found = errors
        let tilesAreRight = (fromTiles ?? fromEntries.range).root == expectedRoot
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
        // Damaged entries, and hashes that stand in for missing ones, change every hash above them: the tiles are not to
        // blame for that.
        if entriesAreRight || leafMismatches.isEmpty && !lacksEntries { found += upperMismatches }
        if found.isEmpty, !entriesAreRight {
            found.append(
                LogError(path: "checkpoint", problem: .mismatch(expected: expectedRoot.hex, actual: root.hex)))
        }
        return found
    }
}
