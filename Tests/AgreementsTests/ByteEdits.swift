import Testing

/// Single edits of valid bytes.
extension [UInt8] {
    init(_ text: String) { self = [UInt8](text.utf8) }

    func firstIndex(of needle: [UInt8]) -> Int? {
        guard !needle.isEmpty, count >= needle.count else { return nil }
        return (0...(count - needle.count)).first { self[$0..<($0 + needle.count)].elementsEqual(needle) }
    }

    /// The bytes with the first `old` replaced. Fails where there is none, so that no edit is idle.
    func replacing(_ old: String, with new: [UInt8]) throws -> [UInt8] {
        let start = try #require(firstIndex(of: [UInt8](old)), "\(old) is not in the bytes")
        return [UInt8](self[..<start]) + new + self[(start + old.utf8.count)...]
    }

    func replacing(_ old: String, with new: String) throws -> [UInt8] {
        try replacing(old, with: [UInt8](new))
    }
}
