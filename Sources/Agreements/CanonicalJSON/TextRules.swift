// The only door to normalization without Foundation; FoundationEssentials has none either.
@_spi(_Unicode) import Swift

/// What the characters of a string may be.
enum TextRules {
    /// The first fault of `string`, or nil.
    ///
    /// Which characters are assigned is the Unicode version of the Swift runtime: a newer one assigns more of them.
    /// Of characters that are assigned, the normalization form never changes.
    static func fault(in string: String) -> CanonicalJSONError.Reason? {
        var needsNormalizationCheck = false
        for scalar in string.unicodeScalars where !isPlain(scalar) {
            if let reason = fault(of: scalar) { return reason }
            needsNormalizationCheck = true
        }
        guard needsNormalizationCheck, !string.unicodeScalars.elementsEqual(string._nfc) else { return nil }
        return .notNormalized
    }

    /// Whether a scalar is allowed and never changes, nor is changed by, its neighbours in normalization.
    ///
    /// A shortcut for Latin, Cyrillic and their punctuation, currencies and the numero sign of titles; a test compares it
    /// with the full rules.
    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2FF, 0x400...0x482, 0x48A...0x52F, 0x2010...0x2027, 0x20A0...0x20BF, 0x2116: true
        default: false
        }
    }

    /// Whether the bytes are valid UTF-8 of plain scalars only; false also for some that are.
    static func isPlain(utf8 bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var position = 0
        while position < bytes.count {
            let first = bytes[position]
            if first < 0x7F {
                guard first >= 0x20 else { return false }
                position += 1
                continue
            }
            guard position + 1 < bytes.count, case let second = bytes[position + 1], second & 0xC0 == 0x80 else {
                return false
            }
            switch first {
            case 0xC2: guard second >= 0xA0 else { return false }
            case 0xC3...0xCB, 0xD0...0xD1, 0xD3: break
            case 0xD2: guard second <= 0x82 || second >= 0x8A else { return false }
            case 0xD4: guard second <= 0xAF else { return false }
            case 0xE2:
                guard position + 2 < bytes.count else { return false }
                switch (second, bytes[position + 2]) {
                case (0x80, 0x90...0xA7), (0x82, 0xA0...0xBF), (0x84, 0x96): position += 1
                default: return false
                }
            default: return false
            }
            position += 2
        }
        return true
    }

    static func fault(of scalar: Unicode.Scalar) -> CanonicalJSONError.Reason? {
        switch scalar.value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069:
            return .bidirectionalControl
        case 0x2028, 0x2029:
            return .lineSeparator
        case 0xFDD0...0xFDEF:
            return .noncharacter
        case let value where value & 0xFFFE == 0xFFFE:
            return .noncharacter
        default:
            break
        }
        switch scalar.properties.generalCategory {
        case .control: return .control
        case .unassigned: return .unassigned
        default: return nil
        }
    }
}
