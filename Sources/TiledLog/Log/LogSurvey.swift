internal import OpenSSLKit
internal import TransparencyLog

/// What the tiles of a damaged log may be: what is stored, and what the files below them come to. One pass over the
/// entries, from the bottom up.
struct LogSurvey {
    private let reader: LogReader
    private let size: Int64
    /// What other hashes a tile may have than those that are stored: only for tiles where there are others.
    private var others: [TilePath: [[SHA256Digest]]] = [:]
    /// At each level, what the roots of the tiles below may be, of the tile that is being filled.
    private var open: [[[SHA256Digest]]] = []
    private var filled: [Int64] = []

    init(_ reader: LogReader, size: Int64) throws {
        self.reader = reader
        self.size = size
        var hasher = SHA256Hasher()
        var missing = 0
        for bundle in TilePath.bundles(forSize: size) {
            guard let tile = TilePath(.hashes(level: 0), index: bundle.index, width: bundle.width) else { continue }
            let ofEntries = (try? reader.entriesBeforeFault(bundle))?.map { MerkleTree.leafHash($0, using: &hasher) }
            missing = ofEntries == nil && Files.kind("\(reader.path)/\(tile.path)") == nil ? missing + 1 : 0
            guard missing <= LogRepair.mostMissing else { break }
            take(tile, level: 0, derived: rows(of: ofEntries ?? [], tile))
        }
        // Tiles that are not full have no root of their own.
        for level in open.indices where !open[level].isEmpty { close(level) }
    }

    /// Every row of hashes that the tile may have, the stored one first.
    func options(_ tile: TilePath) -> [[SHA256Digest]] {
        ((try? stored(tile)).map { [$0] } ?? []) + (others[tile] ?? [])
    }

    func isStored(_ hashes: [SHA256Digest], _ tile: TilePath) -> Bool { (try? stored(tile)) == hashes }

    /// The file itself: the full one may stand in for a partial one only where that is not there.
    private func stored(_ tile: TilePath) throws -> [SHA256Digest] { try reader.hashes(tile) }

    /// Other bundles that begin with the same entries, the widest first.
    func partialBundles(of bundle: TilePath) -> [TilePath] {
        guard let one = TilePath(bundle.content, index: bundle.index, width: 1) else { return [] }
        let folder = "\(reader.path)/\(DurableFolder.parent(of: one.path))"
        let widths = ((try? Files.names(in: folder)) ?? []).compactMap { Int($0) }
        return widths.sorted(by: >).compactMap { TilePath(bundle.content, index: bundle.index, width: $0) }
            .filter { $0 != bundle && $0.isPartial }
    }

    /// What a tile of leaves is by the entries, the last of these rows; before it, where a few hashes differ from those
    /// that are stored, each choice between the two: an entry may be damaged, and the hash of another.
    private func rows(of entries: [SHA256Digest], _ tile: TilePath) -> [[SHA256Digest]] {
        guard let stored = try? stored(tile) else { return entries.count == tile.width ? [entries] : [] }
        // Those that could not be read are what is stored.
        let derived = entries + stored.dropFirst(entries.count)
        let differing = stored.indices.filter { stored[$0] != derived[$0] }
        guard (2...Self.mostDiffering).contains(differing.count) else { return [derived] }
        let choices = (1..<(1 << differing.count) - 1).map { choice in
            var row = stored
            for (bit, position) in differing.enumerated() where choice & 1 << bit != 0 {
                row[position] = derived[position]
            }
            return row
        }
        return choices + [derived]
    }

    private static let mostDiffering = 6

    private mutating func take(_ tile: TilePath, level: Int, derived: [[SHA256Digest]]) {
        let stored = try? stored(tile)
        let different = derived.filter { $0 != stored }
        if !different.isEmpty { others[tile] = different }
        guard !tile.isPartial else { return }
        while open.count <= level + 1 {
            open.append([])
            filled.append(0)
        }
        var roots: [SHA256Digest] = []
        for hashes in (stored.map { [$0] } ?? []) + different {
            let root = MerkleTree.root(of: hashes)
            if !roots.contains(root) { roots.append(root) }
        }
        open[level + 1].append(roots)
        if open[level + 1].count == TilePath.fullWidth { close(level + 1) }
    }

    /// The tile above, of the roots below it.
    private mutating func close(_ level: Int) {
        let children = open[level]
        open[level] = []
        let index = filled[level]
        filled[level] += 1
        guard let tile = TilePath(.hashes(level: level), index: index, width: children.count) else { return }
        let stored = try? stored(tile)
        // Where a root below is the one that is stored here it is right; elsewhere either may be.
        func row(_ choose: ([SHA256Digest]) -> SHA256Digest?) -> [SHA256Digest]? {
            var row: [SHA256Digest] = []
            for (position, roots) in children.enumerated() {
                let held = stored.map { $0[position] }
                guard let hash = held.flatMap({ roots.contains($0) ? $0 : nil }) ?? choose(roots) ?? held else {
                    return nil
                }
                row.append(hash)
            }
            return row
        }
        let rows = [row(\.first), row(\.last)].compactMap { $0 }
        take(tile, level: level, derived: rows.count == 2 && rows[0] == rows[1] ? [rows[0]] : rows)
    }
}
