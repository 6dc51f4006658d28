/// The path of a tile of hashes or of a bundle of entries (tlog-tiles, Merkle Tree and Log entries).
///
///     tile/0/x001/x234/067        a full tile of 256 leaf hashes
///     tile/1/000.p/17             a partial tile: 17 hashes of 256 leaves each
///     tile/entries/273.p/112      the 112 entries from number 69,888 on
package struct TilePath: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        /// Hashes of 256^level leaves each. Look-alike: the level of a *node*, which counts powers of two.
        case hashes(level: Int)
        case entries
    }

    /// Hashes in a full tile, entries in a full bundle.
    package static let fullWidth = 256
    package static let levels = 0...63

    package let content: Content
    /// Of the tile within its level, from 0.
    package let index: Int64
    /// 1 to 256: how many hashes or entries it has.
    package let width: Int

    /// Nil unless the level is 0 to 63, the index not negative and the width 1 to 256.
    package init?(_ content: Content, index: Int64, width: Int = fullWidth) {
        if case .hashes(let level) = content, !Self.levels.contains(level) { return nil }
        guard index >= 0, (1...Self.fullWidth).contains(width) else { return nil }
        self.content = content
        self.index = index
        self.width = width
    }

    /// Nil for every spelling but the one that `path` makes.
    package init?(path: String) {
        let bytes = Array(path.utf8)
        // The longest is `tile/entries/` with seven groups and `.p/255`.
        guard bytes.count <= 64 else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual("tile".utf8) else { return nil }
        let content: Content
        if parts[1].elementsEqual("entries".utf8) {
            content = .entries
        } else {
            guard let level = DecimalNumber.parse(parts[1]).flatMap(Int.init(exactly:)) else { return nil }
            content = .hashes(level: level)
        }
        var number = parts[2]
        var width = Self.fullWidth
        if let dot = number.firstIndex(of: UInt8(ascii: ".")) {
            let suffix = number[dot...]
            guard suffix.starts(with: ".p/".utf8) else { return nil }
            guard let parsed = DecimalNumber.parse(suffix.dropFirst(3)), parsed < Self.fullWidth else { return nil }
            width = Int(parsed)
            number = number[..<dot]
        }
        guard let index = GroupedNumber.number(number) else { return nil }
        self.init(content, index: index, width: width)
    }

    package var path: String {
        let folder =
            switch content {
            case .hashes(let level): "tile/\(level)/"
            case .entries: "tile/entries/"
            }
        return folder + GroupedNumber.path(index) + (isPartial ? ".p/\(width)" : "")
    }

    package var isPartial: Bool { width < Self.fullWidth }

    /// The full tile that this one is, or will become.
    package var full: TilePath { resized(to: Self.fullWidth) }

    /// The bytes of a tile of hashes, 32 for each; nil for entries, whose lengths are their own.
    package var byteCount: Int? {
        switch content {
        case .hashes: width * 32
        case .entries: nil
        }
    }

    /// How many hashes or entries a tree of that size has in the tile of this place: 0 to 256.
    package func width(inTreeOfSize size: Int64) -> Int {
        let level: Int64 =
            switch content {
            case .hashes(let level): Int64(level)
            case .entries: 0
            }
        // 256^7 leaves fit into an Int64, 256^8 do not.
        guard level < 8 else { return 0 }
        let count = size >> (8 * level)
        let fullWidth = Int64(Self.fullWidth)
        // Divided, not multiplied: an index may be any number that a path can say.
        guard index <= count / fullWidth else { return 0 }
        return index < count / fullWidth ? Self.fullWidth : Int(count % fullWidth)
    }

    /// Whether a tree of that size has all that the tile holds.
    package func isWithin(treeSize size: Int64) -> Bool { width <= width(inTreeOfSize: size) }

    func resized(to width: Int) -> TilePath {
        TilePath(content, index: index, width: width) ?? self
    }
}

extension TilePath: CustomStringConvertible {
    package var description: String { path }
}
