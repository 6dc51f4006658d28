/// Base64 as RFC 4648, section 4 has it: standard alphabet, padded, nothing between the characters.
///
/// The decoder takes one spelling of every value: the spare bits before the padding must be zero (RFC 4648, 3.5), and
/// neither white space nor missing padding is let through.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// The value of each character, 64 for what is not in the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var held = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 1
            guard held == 3 else { continue }
            append(bits, characters: 4, to: &text)
            bits = 0
            held = 0
        }
        if held > 0 {
            append(bits << (8 * UInt32(3 - held)), characters: held + 1, to: &text)
            text.append(contentsOf: repeatElement(padding, count: 3 - held))
        }
        return text
    }

    /// Nil unless `text` is exactly what `encode` prints for some bytes.
    package static func decode(_ text: some BidirectionalCollection<UInt8>) -> [UInt8]? {
        let count = text.count
        guard count.isMultiple(of: 4) else { return nil }
        let padded = text.reversed().prefix(2).prefix { $0 == padding }.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count / 4 * 3)
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for character in text.dropLast(padded) {
            let value = values[Int(character)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> held))
            bits &= (1 << held) - 1
        }
        // Whole groups leave no bits, one pad 2, two pads 4: in a valid text all of them zero.
        guard bits == 0 else { return nil }
        return bytes
    }

    private static func append(_ bits: UInt32, characters: Int, to text: inout [UInt8]) {
        for position in 0..<characters {
            text.append(alphabet[Int(bits >> (18 - 6 * UInt32(position)) & 63)])
        }
    }
}
