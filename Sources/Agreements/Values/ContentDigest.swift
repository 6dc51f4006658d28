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
        var digits = String(hex)
        guard let value = digits.withUTF8({ ContentDigest(hexDigits: $0[...]) }) else { return nil }
        self = value
    }

    private init?(hexDigits: Slice<UnsafeBufferPointer<UInt8>>) {
        guard hexDigits.count == 2 * Self.byteCount else { return nil }
        func word(_ index: Int) -> UInt64? {
            var word: UInt64 = 0
            let start = hexDigits.startIndex + index * 16
            for digit in hexDigits[start..<(start + 16)] {
                guard let value = LowercaseHex.value(of: digit) else { return nil }
                word = word << 4 | UInt64(value)
            }
            return word
        }
        guard let first = word(0), let second = word(1), let third = word(2), let fourth = word(3) else { return nil }
        self.init(words: (first, second, third, fourth))
    }

    package init?(text: String) {
        var text = text
        guard let value = text.withUTF8({ ContentDigest(ascii: $0) }) else { return nil }
        self = value
    }

    package init?(ascii bytes: UnsafeBufferPointer<UInt8>) {
        let prefix = Self.prefix.utf8
        guard bytes.count == prefix.count + 2 * Self.byteCount, bytes.starts(with: prefix) else { return nil }
        self.init(hexDigits: bytes[prefix.count...])
    }

    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            for index in 0..<Self.byteCount {
                buffer[index] = UInt8(truncatingIfNeeded: self.word(index / 8) >> UInt64(56 - index % 8 * 8))
            }
            count = Self.byteCount
        }
    }

    private func word(_ index: Int) -> UInt64 {
        switch index {
        case 0: word0
        case 1: word1
        case 2: word2
        default: word3
        }
    }

    package var hex: String {
        String(unsafeUninitializedCapacity: 2 * Self.byteCount) { buffer in
            for index in 0..<(2 * Self.byteCount) {
                let nibble = UInt8(truncatingIfNeeded: self.word(index / 16) >> UInt64(60 - index % 16 * 4)) & 0x0F
                buffer[index] = nibble + (nibble < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
            }
            return 2 * Self.byteCount
        }
    }

    package var text: String { Self.prefix + hex }

    package static var expectation: String { "sha256: and 64 lower-case hexadecimal digits" }

    package static func < (left: Self, right: Self) -> Bool {
        if left.word0 != right.word0 { return left.word0 < right.word0 }
        if left.word1 != right.word1 { return left.word1 < right.word1 }
        if left.word2 != right.word2 { return left.word2 < right.word2 }
        return left.word3 < right.word3
    }
}
