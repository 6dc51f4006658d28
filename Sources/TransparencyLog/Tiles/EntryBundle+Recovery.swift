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
        var start = 2
        for position in 0..<width where start <= bytes.count {
            let length = Int(bytes[start - 2]) << 8 | Int(bytes[start - 1])
            let likely = [length] + (0...255).flatMap { [$0 << 8 | length & 0xFF, length & 0xFF00 | $0] }
            for length in likely where start + length <= bytes.count {
                let entry = bytes[start..<(start + length)]
                guard isExpected(entry, position) else { continue }
                entries[position] = entry
                break
            }
            start = (entries[position]?.endIndex ?? start + length) + 2
        }
        return entries
    }
}
