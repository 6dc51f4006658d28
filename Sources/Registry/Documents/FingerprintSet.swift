/// A set that keeps 64 bits of each value: what an audit can afford for a million of them.
///
/// The fingerprint is made with the process's own random seed, so that nobody can prepare two values with the same one; by
/// chance that happens to a given value about once in 2^64 / count times.
struct FingerprintSet {
    // Open addressing; zero is an empty slot.
    private var slots: [UInt64] = []
    private(set) var count = 0

    /// Whether the value was not there.
    @discardableResult
    mutating func insert(_ value: some Hashable) -> Bool {
        // At most three quarters full; one and a half times as large each time, not twice: the peak counts.
        if (count + 1) * 4 > slots.count * 3 { grow() }
        guard let free = Self.freeSlot(of: Self.fingerprint(value), in: slots) else { return false }
        slots[free.position] = free.fingerprint
        count += 1
        return true
    }

    func contains(_ value: some Hashable) -> Bool {
        !slots.isEmpty && Self.freeSlot(of: Self.fingerprint(value), in: slots) == nil
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: max(64, slots.count + slots.count / 2))
        for fingerprint in slots where fingerprint != 0 {
            if let free = Self.freeSlot(of: fingerprint, in: larger) { larger[free.position] = fingerprint }
        }
        slots = larger
    }

    /// Where the fingerprint would go; nil when it is there.
    private static func freeSlot(
        of fingerprint: UInt64, in slots: [UInt64]
    ) -> (position: Int, fingerprint: UInt64)? {
        var position = Int(fingerprint.multipliedFullWidth(by: UInt64(slots.count)).high)
        while slots[position] != 0 {
            if slots[position] == fingerprint { return nil }
            position = position + 1 == slots.count ? 0 : position + 1
        }
        return (position, fingerprint)
    }

    private static func fingerprint(_ value: some Hashable) -> UInt64 {
        max(1, UInt64(bitPattern: Int64(value.hashValue)))
    }
}
