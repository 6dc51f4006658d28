package import Agreements

/// Reads JSON as others may have formatted it (RFC 8259), strictly: no key twice in an object, numbers only as integers
/// of 64 bits, strings in valid UTF-8. The members of an object are put in the order of their keys.
///
/// Look-alike: the reader of canonical JSON, which takes one spelling only.
package struct JSONReader {
    package struct Fault: Error, CustomStringConvertible {
        let offset: Int
        let reason: String

        package var description: String { "byte \(offset): \(reason)" }
    }

    private static let maximumDepth = 16
    private static let maximumMembers = 1000

    private let bytes: [UInt8]
    private var position = 0

    package static func read(_ bytes: [UInt8]) throws(Fault) -> CanonicalJSON {
        try requireFewValues(bytes)
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.fault("something follows the value") }
        return value
    }

    /// Refuses what would take many times its size in memory: a value takes some fifty bytes, and may be written in two.
    /// Before anything is made of it, and whether or not it is JSON.
    static func requireFewValues(_ bytes: [UInt8]) throws(Fault) {
        // Files that people have need 20 bytes a value, and more.
        let most = 1000 + bytes.count / 8
        var count = 1
        var isInString = false
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "\\") where isInString: position += 1
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"):
                if !isInString { count += 1 }
            default: break
            }
            position += 1
        }
        guard count <= most else {
            throw Fault(offset: 0, reason: "\(count) values in \(bytes.count) bytes are more than any sound file has")
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func fault(_ reason: String) -> Fault { Fault(offset: position, reason: reason) }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func take(_ expected: Character) throws(Fault) {
        guard byte == expected.asciiValue else { throw fault("expected '\(expected)'") }
        position += 1
    }

    private mutating func value(depth: Int) throws(Fault) -> CanonicalJSON {
        guard depth < Self.maximumDepth else { throw fault("nested deeper than \(Self.maximumDepth)") }
        skipSpace()
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .integer(try integer())
        default:
            for (word, value) in [("null", .null), ("true", .bool(true)), ("false", .bool(false))]
                as [(String, CanonicalJSON)]
            where bytes[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return value
            }
            throw fault("expected a value")
        }
    }

    private mutating func object(depth: Int) throws(Fault) -> CanonicalJSON {
        position += 1
        var members: [CanonicalJSON.Member] = []
        var keys: Set<[UInt8]> = []
        skipSpace()
        if byte == UInt8(ascii: "}") {
            position += 1
            return .object([])
        }
        while true {
            skipSpace()
            let start = position
            guard members.count < Self.maximumMembers else {
                throw fault("an object of more than \(Self.maximumMembers) members")
            }
            let key = try string()
            // By bytes: Swift compares strings by canonical equivalence.
            guard keys.insert(Array(key.utf8)).inserted else {
                throw Fault(offset: start, reason: "the key '\(key)' is there twice")
            }
            skipSpace()
            try take(":")
            members.append(CanonicalJSON.Member(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            if byte == UInt8(ascii: "}") { break }
            try take(",")
        }
        position += 1
        return .object(members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
    }

    private mutating func array(depth: Int) throws(Fault) -> CanonicalJSON {
        position += 1
        var values: [CanonicalJSON] = []
        skipSpace()
        if byte == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            if byte == UInt8(ascii: "]") { break }
            try take(",")
        }
        position += 1
        return .array(values)
    }

    private mutating func integer() throws(Fault) -> Int64 {
        let start = position
        if byte == UInt8(ascii: "-") { position += 1 }
        let digits = position
        while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > digits, bytes[digits] != UInt8(ascii: "0") || position == digits + 1 else {
            throw fault("not a number as JSON writes it")
        }
        if let byte, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
            throw fault("a number that is no integer")
        }
        guard let value = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw fault("a number out of range")
        }
        return value
    }

    private mutating func string() throws(Fault) -> String {
        try take("\"")
        var text: [UInt8] = []
        while true {
            guard let byte else { throw fault("the string does not end") }
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw fault("not UTF-8") }
                return string
            case UInt8(ascii: "\\"): text += try escaped()
            case 0..<0x20: throw fault("a control character in a string")
            default: text.append(byte)
            }
        }
    }

    private mutating func escaped() throws(Fault) -> [UInt8] {
        guard let byte else { throw fault("the string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var units = [try codeUnit()]
            if UTF16.isLeadSurrogate(units[0]) {
                try take("\\")
                try take("u")
                units.append(try codeUnit())
            }
            guard let text = String(validating: units, as: UTF16.self) else { throw fault("half a character") }
            return Array(text.utf8)
        default: throw fault("an escape that JSON does not have")
        }
    }

    private mutating func codeUnit() throws(Fault) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("not four hexadecimal digits") }
        position += 4
        return unit
    }
}

extension CanonicalJSON {
    /// The members of an object by key; nil for anything else.
    var membersByKey: [String: CanonicalJSON]? {
        guard case .object(let members) = self else { return nil }
        // Keys are unique as bytes; those of a trail are ASCII, and others are strange to it in either spelling.
        return Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// Byte by byte: as strings, two spellings of one character would be equal.
    func isSame(as other: CanonicalJSON?) -> Bool { other.map { $0.bytes == bytes } ?? false }

    /// For a finding: not longer than a person reads.
    var excerpt: String {
        let text: String
        if case .string(let string) = self { text = string } else { text = String(decoding: bytes, as: UTF8.self) }
        return text.count <= 200 ? text : text.prefix(199) + "…"
    }
}
