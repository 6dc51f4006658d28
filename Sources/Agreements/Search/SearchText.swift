// See TextRules: the only door to normalization.
@_spi(_Unicode) import Swift

/// Text as a search sees it: words in lower case, without accents, in the letters of every keyboard.
///
///     Oʻzbekiston Respublikasi — Қазақстан   →   ozbekiston respublikasi казакстан
///
/// A word of letters and digits is one word; everything else stands between words, but for apostrophes, which are left
/// out: they are part of Uzbek letters. The table of letters: docs/index.md.
package enum SearchText {
    /// The words of a text, folded.
    package static func words(in text: String) -> [String] {
        folded([text]).split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The words of all texts, each with one space before it.
    package static func folded(_ texts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(texts.reduce(0) { $0 + $1.utf8.count + 1 })
        for text in texts {
            bytes.append(0x20)
            append(text, to: &bytes)
        }
        return bytes
    }

    /// Whether every word begins a word of the folded text.
    package static func has(_ words: [String], in folded: [UInt8]) -> Bool {
        words.allSatisfy { word in
            let mark = [0x20] + Array(word.utf8)
            var rest = folded[...]
            while let start = rest.firstIndex(of: 0x20) {
                rest = rest[start...]
                if rest.starts(with: mark) { return true }
                rest = rest.dropFirst()
            }
            return false
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        let isPlain = text.withUTF8 { utf8 in
            guard TextRules.isPlain(utf8: utf8) else { return false }
            appendPlain(utf8, to: &bytes)
            return true
        }
        // What is typed may be decomposed; what a statement says never is.
        if !isPlain { for scalar in text._nfc { bytes += fold(scalar) } }
    }

    private static func appendPlain(_ utf8: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        common.withUnsafeBufferPointer { common in
            var scalars = Unicode.UTF8.ForwardParser()
            var rest = utf8.makeIterator()
            while case .valid(let encoded) = scalars.parseScalar(from: &rest) {
                let scalar = Unicode.UTF8.decode(encoded)
                guard scalar.value < UInt32(common.count) else {
                    bytes += fold(scalar)
                    continue
                }
                var word = common[Int(scalar.value)]
                while word != 0 {
                    bytes.append(UInt8(truncatingIfNeeded: word))
                    word >>= 8
                }
            }
        }
    }

    /// Latin, Cyrillic and their neighbours, folded once: the first byte lowest, none of them zero.
    private static let common: [UInt64] = (0..<0x530).map { value in
        let folded = Unicode.Scalar(value).map(fold) ?? []
        precondition(folded.count <= 8)
        return folded.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static let space: [UInt8] = [0x20]

    private static func fold(_ scalar: Unicode.Scalar) -> [UInt8] {
        if isApostrophe(scalar) { return [] }
        let lowered = scalar.properties.lowercaseMapping
        // A letter of its own on every Cyrillic keyboard, though Unicode takes it apart.
        if lowered == "й" { return Array(lowered.utf8) }
        var folded: [UInt8] = []
        for part in lowered._nfd {
            switch part.properties.generalCategory {
            case .nonspacingMark, .spacingMark, .enclosingMark: continue
            case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
                .letterNumber, .otherNumber:
                folded += Array((letters[part] ?? String(part)).utf8)
            default: return space
            }
        }
        return folded
    }

    private static func isApostrophe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x27, 0x60, 0xB4, 0x2B9, 0x2BB, 0x2BC, 0x2BD, 0x2BE, 0x2BF, 0x2C8, 0x2018, 0x2019, 0x201B, 0x2032: true
        default: false
        }
    }

    /// Letters that Unicode does not take apart, and what is typed where the keyboard lacks them.
    private static let letters: [Unicode.Scalar: String] = [
        "ә": "а", "ғ": "г", "қ": "к", "ҡ": "к", "ң": "н", "ө": "о", "ұ": "у", "ү": "у", "һ": "х", "ҳ": "х", "і": "и",
        "ҷ": "ч", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ŋ": "n", "ß": "ss", "æ": "ae", "œ": "oe", "ə": "a",
    ]
}
