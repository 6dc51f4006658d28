internal import Glibc
package import OpenSSLKit
internal import TransparencyLog

/// The entries of one bundle after the other, in memory that is used again: `LogReader.read(_:into:)` fills it.
///
/// Read, not mapped: a mapping of a file that is cut short meanwhile ends the process.
package struct BundleBuffer: Sendable {
    /// The bundle from its beginning; what comes after it is left from a larger one.
    package private(set) var bytes: [UInt8] = []
    /// Where each entry lies in `bytes`.
    package private(set) var entries: [Range<Int>] = []

    package init() {}

    package var count: Int { entries.count }

    /// An entry without a copy of it. Not to be held when the next bundle is read, or all of this one is copied then.
    package subscript(_ position: Int) -> ArraySlice<UInt8> { bytes[entries[position]] }

    /// The hash of an entry's leaf.
    package func leafHash(_ position: Int, using hasher: inout SHA256Hasher) -> SHA256Digest {
        MerkleTree.leafHash(bytes.span.extracting(entries[position]), using: &hasher)
    }

    func isEqual(_ position: Int, _ entry: ArraySlice<UInt8>) -> Bool {
        let range = entries[position]
        guard range.count == entry.count else { return false }
        return unsafe bytes.withUnsafeBytes { mine in
            unsafe entry.withUnsafeBytes { theirs in
                guard let left = mine.baseAddress, let right = theirs.baseAddress else { return range.isEmpty }
                return unsafe memcmp(left + range.lowerBound, right, range.count) == 0
            }
        }
    }

    /// Empty when it fails.
    mutating func fill(_ read: (inout [UInt8], inout [Range<Int>]) throws(LogError) -> Void) throws(LogError) {
        entries.removeAll(keepingCapacity: true)
        do throws(LogError) {
            try read(&bytes, &entries)
        } catch {
            entries.removeAll(keepingCapacity: true)
            throw error
        }
    }
}
