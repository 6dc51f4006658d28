internal import Glibc

/// When an index is used.
package enum IndexUse {
    /// Smaller trees are read whole: that takes no longer, and leaves nothing to take on trust. Tests set another size.
    @TaskLocal package static var smallestSize: Int64 = {
        guard let text = getenv("BITIM_TEST_INDEX_FROM"), let size = Int64(String(cString: text)) else { return 2_000 }
        return max(1, size)
    }()

    /// How many events of its own a registry may have.
    static let mostOwnEntries = 1_000

    /// How many agreements a search may find before the whole ledger is read, which is faster then.
    static let mostFound = 5_000
}
