import Testing

extension [UInt8] {
    /// The bytes with the first `old` replaced. Fails where there is none, so that no edit is idle.
    func replacing(_ old: String, with new: [UInt8]) throws -> [UInt8] {
        let needle = Array(old.utf8)
        let start = indices.first { self[$0...].starts(with: needle) }
        let found = try #require(start, "\(old) is not in the bytes")
        return self[..<found] + new + self[(found + needle.count)...]
    }

    func replacing(_ old: String, with new: String) throws -> [UInt8] { try replacing(old, with: Array(new.utf8)) }
}
