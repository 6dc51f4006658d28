/// The tiles that a tree has, or that it gains by growing: lowest level first, by index within a level.
///
/// Made one at a time, so that a size that nobody has cannot exhaust memory.
package struct TileSequence: Sequence, Sendable {
    /// Nil for entries.
    private let highestLevel: Int?
    private let oldSize: Int64
    private let newSize: Int64

    init(_ oldSize: Int64, _ newSize: Int64, entries: Bool) {
        // 256^7 leaves fit into an Int64, 256^8 do not.
        highestLevel = entries ? nil : 7
        let isGrowth = oldSize >= 0 && oldSize < newSize
        self.oldSize = isGrowth ? oldSize : 0
        self.newSize = isGrowth ? newSize : 0
    }

    package func makeIterator() -> Iterator {
        Iterator(highestLevel: highestLevel, oldSize: oldSize, newSize: newSize)
    }

    package struct Iterator: IteratorProtocol {
        private let highestLevel: Int?
        private let oldSize: Int64
        private let newSize: Int64
        private var level = 0
        private var index: Int64

        init(highestLevel: Int?, oldSize: Int64, newSize: Int64) {
            self.highestLevel = highestLevel
            self.oldSize = oldSize
            self.newSize = newSize
            index = oldSize / 256
        }

        package mutating func next() -> TilePath? {
            while level <= highestLevel ?? 0 {
                let oldCount = oldSize >> Int64(8 * level)
                let newCount = newSize >> Int64(8 * level)
                // What did not change here cannot have changed above.
                guard oldCount < newCount else { return nil }
                if index < newCount / 256 + (newCount.isMultiple(of: 256) ? 0 : 1) {
                    defer { index += 1 }
                    let width = Swift.min(newCount - index * 256, 256)
                    return TilePath(
                        highestLevel == nil ? .entries : .hashes(level: level),
                        index: index,
                        width: Int(width)
                    )
                }
                level += 1
                guard level <= highestLevel ?? 0 else { return nil }
                index = (oldSize >> Int64(8 * level)) / 256
            }
            return nil
        }
    }
}

/// The tiles of one level, made one at a time, so that a size that nobody has cannot exhaust memory.
package struct LevelTiles: Sequence, IteratorProtocol, Sendable {
    private let level: Int
    private var index: Int64
    /// How many hashes the level has.
    private let count: Int64

    init(level: Int, from oldSize: Int64, to newSize: Int64) {
        let isGrowth = (0...7).contains(level) && oldSize >= 0 && oldSize < newSize
        let shift = isGrowth ? Int64(8 * level) : 0
        let old = isGrowth ? oldSize >> shift : 0
        let new = isGrowth ? newSize >> shift : 0
        self.level = level
        count = old < new ? new : 0
        index = old / 256
    }

    package mutating func next() -> TilePath? {
        // Before anything is multiplied: the largest size is the largest number.
        guard count > 0, index <= (count - 1) / 256 else { return nil }
        defer { index += 1 }
        return TilePath(.hashes(level: level), index: index, width: Int(Swift.min(256, count - index * 256)))
    }
}

extension TilePath {
    /// The tiles of hashes of one level that a tree gains by growing.
    package static func newTiles(level: Int, from oldSize: Int64, to newSize: Int64) -> LevelTiles {
        LevelTiles(level: level, from: oldSize, to: newSize)
    }

    /// Every tile of hashes in a tree of that size.
    package static func tiles(forSize size: Int64) -> TileSequence {
        TileSequence(0, size, entries: false)
    }

    /// Every bundle of entries in a tree of that size.
    package static func bundles(forSize size: Int64) -> TileSequence {
        TileSequence(0, size, entries: true)
    }

    /// The tiles of hashes to write when a tree grows: those that became full, and at each level that changed the
    /// partial one of the new size. Nothing if it does not grow.
    package static func newTiles(from oldSize: Int64, to newSize: Int64) -> TileSequence {
        TileSequence(oldSize, newSize, entries: false)
    }

    /// The bundles of entries to write when a tree grows.
    package static func newBundles(from oldSize: Int64, to newSize: Int64) -> TileSequence {
        TileSequence(oldSize, newSize, entries: true)
    }

    /// The last tile of each level, lowest level first, full ones included: the partial ones among them hold all that
    /// the root is computed from.
    package static func rightEdge(forSize size: Int64) -> [TilePath] {
        guard size > 0 else { return [] }
        return (0...7).compactMap { level in
            let count = size >> Int64(8 * level)
            guard count > 0 else { return nil }
            let index = (count - 1) / 256
            return TilePath(.hashes(level: level), index: index, width: Int(count - index * 256))
        }
    }
}
