internal import Glibc

/// A place in DER that is read where it lies: one spelling of each tag and length, and no value beyond its container.
///
/// Lengths of up to 65,535 are read; a longer value is refused like any other that is not of the form.
struct DERCursor {
    private(set) var position: Int
    let end: Int

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }
    var rest: Range<Int> { position..<end }

    /// Passes over the next value, which has that tag; nil when there is none.
    ///
    /// - Returns: a cursor over its inside.
    mutating func next(_ tag: UInt8, in bytes: Span<UInt8>) -> DERCursor? {
        guard end - position >= 2, bytes[position] == tag else { return nil }
        var start = position + 2
        var count = Int(bytes[position + 1])
        switch count {
        case ..<0x80:
            break
        case 0x81:
            guard end - start >= 1 else { return nil }
            count = Int(bytes[start])
            // X.690, 10.1: the shortest form.
            guard count >= 0x80 else { return nil }
            start += 1
        case 0x82:
            guard end - start >= 2 else { return nil }
            count = Int(bytes[start]) << 8 | Int(bytes[start + 1])
            guard count >= 0x100 else { return nil }
            start += 2
        default:
            return nil
        }
        guard end - start >= count else { return nil }
        position = start + count
        return DERCursor(start..<position)
    }

    /// Passes over exactly these bytes; false when others stand here.
    mutating func pass(_ expected: [UInt8], in bytes: Span<UInt8>) -> Bool {
        guard end - position >= expected.count,
            bytes.isEqual(position..<(position + expected.count), to: expected)
        else { return false }
        position += expected.count
        return true
    }

    /// Passes over one byte.
    mutating func byte(in bytes: Span<UInt8>) -> UInt8? {
        guard position < end else { return nil }
        defer { position += 1 }
        return bytes[position]
    }
}

extension Span where Element == UInt8 {
    /// Whether these bytes stand at that place; false when the place is not in the span.
    func isEqual(_ range: Range<Int>, to other: [UInt8]) -> Bool {
        guard range.lowerBound >= 0, range.upperBound <= count, range.count == other.count else { return false }
        return unsafe withUnsafeBytes { own in
            guard let start = own.baseAddress else { return other.isEmpty }
            return unsafe memcmp(start + range.lowerBound, other, other.count) == 0
        }
    }

    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBytes { own in
            guard let left = own.baseAddress, let right = other.baseAddress else { return true }
            return unsafe memcmp(left, right, own.count) == 0
        }
    }

    /// Negative, zero or positive, as `left` stands before, is equal to or stands after `right` in the order of DER's
    /// SET OF (X.690, 11.6). Neither of two whole values is the other's beginning.
    func order(_ left: Range<Int>, _ right: Range<Int>) -> Int {
        guard left.lowerBound >= 0, right.lowerBound >= 0, max(left.upperBound, right.upperBound) <= count else {
            return 0
        }
        return unsafe withUnsafeBytes { own in
            guard let start = own.baseAddress else { return 0 }
            let shorter = min(left.count, right.count)
            let order = unsafe memcmp(start + left.lowerBound, start + right.lowerBound, shorter)
            return order == 0 ? left.count - right.count : Int(order)
        }
    }
}
