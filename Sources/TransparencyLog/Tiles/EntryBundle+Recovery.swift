extension EntryBundle {
    /// The entries that can be told from the bytes of a bundle which was cut short, has bytes left over, or a length with a
    /// wrong byte in it.
    ///
    /// - Parameters:
    ///   - width: of how many entries.
    ///   - isExpected: whether that is the entry of a position.
    /// - Returns: for each position the entry; nil where it cannot be told.
    package static func recover(
        from bytes: [UInt8], width: Int, where isExpected: (ArraySlice<UInt8>, Int) -> Bool
    ) -> [ArraySlice<UInt8>?] {
        var entries = [ArraySlice<UInt8>?](repeating: nil, count: width)
        var (start, searches) = (2, 0)
        for position in 0..<width where start <= bytes.count {
            let length = Int(bytes[start - 2]) << 8 | Int(bytes[start - 1])
            func entry(_ length: Int) -> ArraySlice<UInt8>? {
                guard start + length <= bytes.count else { return nil }
                let entry = bytes[start..<(start + length)]
                return isExpected(entry, position) ? entry : nil
            }
            entries[position] = entry(length)
            if entries[position] == nil, searches < mostSearches {
                searches += 1
                for byte in 0...255 where entries[position] == nil {
                    entries[position] = entry(byte << 8 | length & 0xFF) ?? entry(length & 0xFF00 | byte)
                }
            }
            start = (entries[position]?.endIndex ?? start + length) + 2
        }
        return entries
    }

    /// For each that fails some hundred lengths are tried: where so many are wrong, the rest is too.
    private static let mostSearches = 8
}
