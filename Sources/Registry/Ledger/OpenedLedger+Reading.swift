internal import TiledLog
internal import TransparencyLog

extension OpenedLedger {
    /// One entry, pending ones included, as the disk has it: unchecked. Nil when there is none of that index.
    package func entry(at index: Int64) throws -> Entry? {
        let size = fullHead.size
        guard index >= 0, index < size else { return nil }
        let width = Int64(TilePath.fullWidth)
        let start = index / width * width
        guard let bundle = TilePath(.entries, index: index / width, width: Int(min(width, size - start))) else {
            return nil
        }
        do throws(LogError) {
            let leaves = try registry.ledger.entries(bundle)
            let position = Int(index - start)
            return leaves.indices.contains(position) ? Entry(leaf: Array(leaves[position])) : nil
        } catch {
            throw RegistryError(
                .unavailable, "entry \(index) cannot be read: \(error)", hint: "see 'bitim audit'",
                findings: [error.finding])
        }
    }
}
