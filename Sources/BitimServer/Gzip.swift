internal import CZlib

/// Compression as HTTP knows it (RFC 1952).
enum Gzip {
    /// Nil where it would not become smaller.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count > 64, bytes.count < Int(UInt32.max) else { return nil }
        var count = 0
        let compressed = [UInt8](unsafeUninitializedCapacity: bytes.count) { space, initialized in
            initialized = bytes.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let to = space.baseAddress else { return 0 }
                return Int(bitim_gzip(from, UInt(source.count), to, UInt(space.count)))
            }
            count = initialized
        }
        return count > 0 ? compressed : nil
    }
}
