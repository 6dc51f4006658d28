/// Reads canonical JSON whose keys are known where it stands, without a tree. It accepts nothing that
/// `CanonicalJSONReader` refuses; it may refuse more, and does not say why: then that one is asked.
///
/// To be used only as long as the bytes are there.
struct ByteCursor {
    /// The content of a string between its quotation marks.
    struct Content {
        let bytes: UnsafeBufferPointer<UInt8>
        let isASCII: Bool
        let hasEscape: Bool
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// Nil at the end.
    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count, isText(text, at: position) else { return false }
        position += count
        return true
    }

    /// `"key":`
    mutating func skip(key: StaticString) -> Bool {
        let end = position + 1 + key.utf8CodeUnitCount
        guard end + 1 < bytes.count, bytes[position] == UInt8(ascii: "\""), bytes[end] == UInt8(ascii: "\""),
            bytes[end + 1] == UInt8(ascii: ":"), isText(key, at: position + 1)
        else { return false }
        position = end + 2
        return true
    }

    /// To be asked only where so many bytes are left.
    private func isText(_ text: StaticString, at start: Int) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        let (found, wanted) = (UnsafeRawPointer(base + start), UnsafeRawPointer(text.utf8Start))
        let count = text.utf8CodeUnitCount
        var offset = 0
        while offset + 4 <= count {
            guard
                found.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                    == wanted.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            else { return false }
            offset += 4
        }
        while offset < count {
            guard bytes[start + offset] == text.utf8Start[offset] else { return false }
            offset += 1
        }
        return true
    }

    /// Nil for what is no integer of at most 2^53-1.
    mutating func integer() -> Int64? {
        let start = position
        var value: Int64 = 0
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit <= 9 {
            value = value * 10 + Int64(digit)
            guard value <= CanonicalJSON.maximumInteger else { return nil }
            position += 1
        }
        let count = position - start
        return count == 0 || (count > 1 && bytes[start] == UInt8(ascii: "0")) ? nil : value
    }

    // MARK: - Strings

    /// Nil where there is none, or one with controls or other escapes than those of `"` and `\`.
    mutating func content() -> Content? {
        guard skip(UInt8(ascii: "\"")), let base = bytes.baseAddress else { return nil }
        let start = position
        var end = position
        var hasEscape = false
        var allBits: UInt8 = 0
        while true {
            // Eight bytes at a time, as long as they are plain ASCII.
            while end + 8 <= bytes.count, Self.isPlain(UnsafeRawPointer(base + end).loadUnaligned(as: UInt64.self)) {
                end += 8
            }
            guard end < bytes.count else { return nil }
            let byte = bytes[end]
            switch byte {
            case UInt8(ascii: "\""):
                position = end + 1
                return Content(
                    bytes: UnsafeBufferPointer(rebasing: bytes[start..<end]), isASCII: allBits < 0x80,
                    hasEscape: hasEscape)
            case UInt8(ascii: "\\"):
                guard end + 1 < bytes.count,
                    bytes[end + 1] == UInt8(ascii: "\"") || bytes[end + 1] == UInt8(ascii: "\\")
                else { return nil }
                hasEscape = true
                end += 2
            case 0..<0x20, 0x7F:
                return nil
            default:
                allBits |= byte
                end += 1
            }
        }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether all eight bytes are printable ASCII, and neither quotation marks nor backslashes.
    private static func isPlain(_ word: UInt64) -> Bool {
        // A subtraction borrows into the high bit of a byte that is below what is subtracted (and perhaps of the next).
        let below = word &- ones &* 0x20
        let special = zeroes(word ^ ones &* 0x22) | zeroes(word ^ ones &* 0x5C) | zeroes(word ^ ones &* 0x7F)
        return (word | below | special) & highBits == 0
    }

    private static func zeroes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
}

extension ByteCursor.Content {
    /// Nil when it breaks a rule on text.
    var string: String? {
        guard hasEscape else { return Self.string(bytes, isASCII: isASCII) }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var isEscaped = false
        for byte in bytes {
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            if !isEscaped { output.append(byte) }
        }
        return output.withUnsafeBufferPointer { Self.string($0, isASCII: isASCII) }
    }

    private static func string(_ bytes: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> String? {
        if isASCII || TextRules.isPlain(utf8: bytes) { return String(decoding: bytes, as: UTF8.self) }
        guard let string = String(validating: bytes, as: UTF8.self), TextRules.fault(in: string) == nil else {
            return nil
        }
        return string
    }
}
