extension SHA256Digest {
    /// Digests that lie one after the other, as in a tile: as many whole ones as there are, in one copy.
    package static func row(_ bytes: Span<UInt8>) -> [SHA256Digest] {
        unsafe bytes.withUnsafeBytes { source in
            let count = source.count / byteCount
            return unsafe [SHA256Digest](unsafeUninitializedCapacity: count) { digests, initialized in
                if let from = source.baseAddress, let to = digests.baseAddress {
                    unsafe UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: count * byteCount)
                }
                initialized = count
            }
        }
    }
}

extension [SHA256Digest] {
    /// Their bytes one after the other, as they lie in memory: nothing is copied.
    package func withUnsafeRow<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try unsafe withUnsafeBytes { try unsafe body($0) }
    }
}
