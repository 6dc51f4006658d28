/// A SHA-256 value: 32 bytes, kept inline so that a million of them cost no allocations.
package struct SHA256Digest: Hashable, Sendable {
    package static let byteCount = 32

    private var storage: (UInt64, UInt64, UInt64, UInt64)

    /// Nil unless there are exactly 32 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        unsafe withUnsafeMutableBytes(of: &words) { unsafe $0.copyBytes(from: bytes) }
        storage = words
    }

    init(fill: (UnsafeMutablePointer<UInt8>) -> Bool) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let filled = unsafe withUnsafeMutableBytes(of: &words) { buffer in
            guard let base = unsafe buffer.bindMemory(to: UInt8.self).baseAddress else { return false }
            return unsafe fill(base)
        }
        // A digest of bytes in memory fails only when the library itself is broken or out of memory.
        precondition(filled, "OpenSSL could not compute SHA-256")
        storage = words
    }

    /// From the four words of eight bytes each, big-endian.
    package init(words: (UInt64, UInt64, UInt64, UInt64)) {
        storage = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    }

    /// The four words of eight bytes each, big-endian.
    package var words: (UInt64, UInt64, UInt64, UInt64) {
        (
            UInt64(bigEndian: storage.0), UInt64(bigEndian: storage.1), UInt64(bigEndian: storage.2),
            UInt64(bigEndian: storage.3)
        )
    }

    package var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }

    package var hex: String {
        var text = ""
        text.reserveCapacity(64)
        for byte in bytes {
            if byte < 16 { text.append("0") }
            text += String(byte, radix: 16)
        }
        return text
    }

    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try unsafe Swift.withUnsafeBytes(of: storage) { try unsafe body($0) }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.storage == right.storage
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(storage.0)
        hasher.combine(storage.1)
        hasher.combine(storage.2)
        hasher.combine(storage.3)
    }
}

extension SHA256Digest: CustomStringConvertible {
    package var description: String { hex }
}
