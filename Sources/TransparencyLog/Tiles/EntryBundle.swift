/// Up to 256 log entries in a row (tlog-tiles, Log entries): each as its length in two bytes, big-endian, and itself.
///
///     00 05 h e l l o  00 00  00 03 a b c        the entries "hello", "" and "abc"
package struct EntryBundle: Hashable, Sendable {
    /// What two bytes of length can say.
    package static let maximumEntryByteCount = 65_535
    package static let maximumByteCount = TilePath.fullWidth * (2 + maximumEntryByteCount)

    /// Slices of the bytes that were parsed: they keep those alive, and nothing is copied.
    package let entries: [ArraySlice<UInt8>]

    /// Reads exactly `width` entries, with nothing left over.
    package init(parsing bytes: ArraySlice<UInt8>, width: Int) throws(EntryBundleError) {
        var ranges: [Range<Int>] = []
        try Self.locate(width: width, in: bytes.span, into: &ranges)
        entries = ranges.map { bytes[($0.lowerBound + bytes.startIndex)..<($0.upperBound + bytes.startIndex)] }
    }

    package init(parsing bytes: [UInt8], width: Int) throws(EntryBundleError) {
        try self.init(parsing: bytes[...], width: width)
    }

    /// A bundle of 1 to 256 entries of at most 65,535 bytes each.
    package init(_ entries: [ArraySlice<UInt8>]) throws(EntryBundleError) {
        guard (1...TilePath.fullWidth).contains(entries.count) else { throw .wrongWidth(entries.count) }
        for (number, entry) in entries.enumerated() where entry.count > Self.maximumEntryByteCount {
            throw .entryTooLong(entry: number)
        }
        self.entries = entries
    }

    package init(_ entries: [[UInt8]]) throws(EntryBundleError) {
        try self.init(entries.map { $0[...] })
    }

    /// Where exactly `width` entries lie in the bytes of a bundle, with nothing left over.
    ///
    /// - Parameter ranges: replaced; its memory is used again.
    package static func locate(
        width: Int, in bytes: Span<UInt8>, into ranges: inout [Range<Int>]
    ) throws(EntryBundleError) {
        ranges.removeAll(keepingCapacity: true)
        guard (1...TilePath.fullWidth).contains(width) else { throw .wrongWidth(width) }
        guard bytes.count <= Self.maximumByteCount else { throw .tooLong }
        var position = 0
        for number in 0..<width {
            guard bytes.count - position >= 2 else { throw .truncated(entry: number) }
            let start = position + 2
            let end = start + (Int(bytes[position]) << 8 | Int(bytes[position + 1]))
            guard end <= bytes.count else { throw .truncated(entry: number) }
            ranges.append(start..<end)
            position = end
        }
        guard position == bytes.count else { throw .trailingBytes(bytes.count - position) }
    }

    package var width: Int { entries.count }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.reduce(0) { $0 + 2 + $1.count })
        for entry in entries { Self.write(entry, to: &bytes) }
        return bytes
    }

    /// Writes the bytes of a bundle of these entries.
    ///
    /// - Parameter bytes: replaced; its memory is used again.
    package static func write(
        _ entries: ArraySlice<ArraySlice<UInt8>>, into bytes: inout [UInt8]
    ) throws(EntryBundleError) {
        guard (1...TilePath.fullWidth).contains(entries.count) else { throw .wrongWidth(entries.count) }
        bytes.removeAll(keepingCapacity: true)
        for (number, entry) in entries.enumerated() {
            guard entry.count <= Self.maximumEntryByteCount else { throw .entryTooLong(entry: number) }
            write(entry, to: &bytes)
        }
    }

    private static func write(_ entry: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: entry.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: entry.count))
        bytes.append(contentsOf: entry)
    }
}
