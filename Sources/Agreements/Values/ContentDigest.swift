/// A SHA-256 digest as a value: of a statement, a leaf, a document, a certificate. Nothing here computes one.
///
///     sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
package struct ContentDigest: TextValue, Comparable {
    // Inline, for ledgers of millions: an array would cost an allocation a digest.
    private let word0: UInt64
    private let word1: UInt64
    private let word2: UInt64
    private let word3: UInt64

    package static let byteCount = 32
    private static let prefix = "sha256:"

    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var iterator = bytes.makeIterator()
        func nextWord() -> UInt64 {
            var word: UInt64 = 0
            for _ in 0..<8 {
                word = word << 8 | UInt64(iterator.next() ?? 0)
            }
            return word
        }
        word0 = nextWord()
        word1 = nextWord()
        word2 = nextWord()
        word3 = nextWord()
    }

    /// From the four words of eight bytes each, big-endian.
    package init(words: (UInt64, UInt64, UInt64, UInt64)) {
        (word0, word1, word2, word3) = words
    }

    /// The four words of eight bytes each, big-endian.
    package var words: (UInt64, UInt64, UInt64, UInt64) { (word0, word1, word2, word3) }

    /// From 64 lower-case hexadecimal digits.
    package init?(hex: some StringProtocol) {
        guard let bytes = LowercaseHex.decode(hex.utf8) else { return nil }
        self.init(bytes: bytes)
    }

    package init?(text: String) {
        guard text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        self.init(hex: text.dropFirst(Self.prefix.count))
    }

    package var bytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(Self.byteCount)
        for word in [word0, word1, word2, word3] {
            for shift in stride(from: 56, through: 0, by: -8) {
                output.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return output
    }

    package var hex: String { LowercaseHex.encode(bytes) }

    package var text: String { Self.prefix + hex }

    package static var expectation: String { "sha256: and 64 lower-case hexadecimal digits" }

    package static func < (left: Self, right: Self) -> Bool {
        if left.word0 != right.word0 { return left.word0 < right.word0 }
        if left.word1 != right.word1 { return left.word1 < right.word1 }
        if left.word2 != right.word2 { return left.word2 < right.word2 }
        return left.word3 < right.word3
    }
}
