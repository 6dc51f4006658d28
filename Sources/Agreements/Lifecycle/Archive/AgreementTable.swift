/// The last entry of each agreement, found by a hash of the agreement's id: 8 bytes a slot, at most four of five filled.
///
/// The ids are not kept. An entry that is found under a hash may be another agreement's: whoever asks reads it again.
struct AgreementTable {
    /// 24 bits of the hash, below an entry's index plus one; 0 when the slot is free.
    private typealias Slot = UInt64

    /// By 8 further bits of the hash: so a table grows a little at a time, and never lies in memory twice.
    private var segments: [[Slot]]
    private var counts: [Int]

    private static let segmentBits: UInt64 = 8
    private static let segmentCount = 1 << segmentBits
    private static let tagBits: UInt64 = 24
    private static let tagMask: UInt64 = (1 << tagBits) - 1
    /// What a slot can hold.
    static let maximumEntry: Int64 = (1 << 40) - 2
    /// What a ledger claims to have is not believed without limit: beyond it, the table grows.
    private static let maximumReserved: Int64 = 1 << 22

    init(reservedFor count: Int64) {
        let expected = Int(max(0, min(count, Self.maximumReserved)))
        // The hash spreads them evenly, but for a few in a hundred.
        let capacity = max(16, (expected + expected / 16) * 5 / 4 / Self.segmentCount)
        segments = (0..<Self.segmentCount).map { _ in [Slot](repeating: 0, count: capacity) }
        counts = [Int](repeating: 0, count: Self.segmentCount)
    }

    /// How many bytes are taken for slots.
    var reservedBytes: Int { segments.reduce(0) { $0 + $1.capacity * MemoryLayout<Slot>.stride } }

    /// The entries under that hash, nearly always the right one or none.
    func entries(under hash: UInt64) -> [Int64] {
        var found: [Int64] = []
        let segment = segments[Self.segment(of: hash)]
        let tag = Self.tag(of: hash)
        var position = Self.home(of: tag, in: segment.count)
        // There are always free slots.
        while segment[position] != 0 {
            if segment[position] & Self.tagMask == tag { found.append(Self.entry(in: segment[position])) }
            position = position + 1 == segment.count ? 0 : position + 1
        }
        return found
    }

    mutating func insert(_ entry: Int64, under hash: UInt64) {
        let index = Self.segment(of: hash)
        if (counts[index] + 1) * 5 > segments[index].count * 4 { grow(index) }
        counts[index] += 1
        Self.insert(Self.slot(entry, hash), into: &segments[index])
    }

    /// Puts a later entry of the same agreement into the slot of `old`.
    mutating func replace(_ old: Int64, by new: Int64, under hash: UInt64) {
        let index = Self.segment(of: hash)
        let wanted = Self.slot(old, hash)
        var position = Self.home(of: Self.tag(of: hash), in: segments[index].count)
        while segments[index][position] != 0 {
            if segments[index][position] == wanted {
                segments[index][position] = Self.slot(new, hash)
                return
            }
            position = position + 1 == segments[index].count ? 0 : position + 1
        }
    }

    private mutating func grow(_ index: Int) {
        var larger = [Slot](repeating: 0, count: segments[index].count * 9 / 8 + 1)
        for slot in segments[index] where slot != 0 { Self.insert(slot, into: &larger) }
        segments[index] = larger
    }

    private static func insert(_ slot: Slot, into segment: inout [Slot]) {
        var position = home(of: slot & tagMask, in: segment.count)
        while segment[position] != 0 { position = position + 1 == segment.count ? 0 : position + 1 }
        segment[position] = slot
    }

    private static func slot(_ entry: Int64, _ hash: UInt64) -> Slot {
        UInt64(truncatingIfNeeded: entry + 1) << tagBits | tag(of: hash)
    }

    private static func entry(in slot: Slot) -> Int64 { Int64(truncatingIfNeeded: slot >> tagBits) - 1 }

    private static func segment(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash & UInt64(segmentCount - 1))
    }

    private static func tag(of hash: UInt64) -> UInt64 { hash >> segmentBits & tagMask }

    /// Where the search begins: in the order of the tags, so that a segment grows without its entries being read again.
    static func home(of tag: UInt64, in count: Int) -> Int {
        Int(truncatingIfNeeded: (tag &* UInt64(truncatingIfNeeded: count)) >> tagBits)
    }
}
