/// For entries that are not the first of their agreement, the one before.
struct EntryChain {
    private struct Link {
        let entry: Int64
        let previous: Int64
    }

    /// In ascending order of the entries. In pieces of one size, so that it grows without being copied.
    private var pieces: [[Link]] = []

    private static let pieceCount = 1024

    var reservedBytes: Int { pieces.reduce(0) { $0 + $1.capacity * MemoryLayout<Link>.stride } }

    /// - Parameter entry: greater than all before.
    mutating func append(_ entry: Int64, after previous: Int64) {
        if pieces.last.map({ $0.count == Self.pieceCount }) ?? true {
            var piece: [Link] = []
            piece.reserveCapacity(Self.pieceCount)
            pieces.append(piece)
        }
        pieces[pieces.count - 1].append(Link(entry: entry, previous: previous))
    }

    /// Nil for the first entry of an agreement.
    func previous(of entry: Int64) -> Int64? {
        let piece = pieces.partition(above: entry) { $0[0].entry }
        guard piece > 0 else { return nil }
        let links = pieces[piece - 1]
        let link = links.partition(above: entry) { $0.entry }
        guard link > 0, links[link - 1].entry == entry else { return nil }
        return links[link - 1].previous
    }
}

extension Array {
    /// How many elements, ascending by a key, are not above a limit.
    func partition<Key: Comparable>(above limit: Key, by key: (Element) -> Key) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if key(self[middle]) > limit { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
