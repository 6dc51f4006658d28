/// Where the hashes of a perfect subtree lie: the subtree's root is the root of some neighbours in one tile.
///
/// A node at level 3 is made of 8 leaf hashes in a tile of level 0; one at level 8 is a single hash in a tile of
/// level 1.
package struct SubtreeLocation: Hashable, Sendable {
    /// With the width that it has in the tree, which may be more than needed.
    package let tile: TilePath
    /// Positions within the tile.
    package let hashes: Range<Int>

    /// For the leaves `[index * 2^level, (index + 1) * 2^level)` in a tree of `size`; nil unless they all lie within.
    package init?(level: Int, index: Int64, size: Int64) {
        guard (0..<63).contains(level), index >= 0, size > 0, index < size >> Int64(level) else { return nil }
        let tileLevel = level / 8
        let count = 1 << (level % 8)
        let first = index * Int64(count)
        let tileIndex = first / 256
        let held = size >> Int64(8 * tileLevel)
        let width = Int(Swift.min(held - tileIndex * 256, 256))
        guard let tile = TilePath(.hashes(level: tileLevel), index: tileIndex, width: width) else { return nil }
        let start = Int(first % 256)
        self.tile = tile
        hashes = start..<start + count
    }
}
