/// A reader that accepts the canonical spelling only, so that nothing need be printed again and compared.
///
/// It recurses once a level of nesting, and `maximumDepth` bounds the levels.
struct CanonicalJSONReader {
    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var position = 0
    private var lastStringIsASCII = true

    init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func readDocument() throws(CanonicalJSONError) -> CanonicalJSON {
        let value = try readValue(depth: 0)
        guard position == bytes.count else {
            throw fault(.trailingBytes)
        }
        return value
    }

    private mutating func readValue(depth: Int) throws(CanonicalJSONError) -> CanonicalJSON {
        switch try currentByte() {
        case UInt8(ascii: "\""):
            return .string(try readString())
        case UInt8(ascii: "{"):
            return .object(try readMembers(depth: depth + 1))
        case UInt8(ascii: "["):
            return .array(try readElements(depth: depth + 1))
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .integer(try readInteger())
        case UInt8(ascii: "n"):
            try skip("null")
            return .null
        case UInt8(ascii: "t"):
            try skip("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try skip("false")
            return .bool(false)
        default:
            throw unexpectedByte()
        }
    }

    private mutating func readMembers(depth: Int) throws(CanonicalJSONError) -> [CanonicalJSON.Member] {
        guard depth <= maximumDepth else {
            throw fault(.tooDeep)
        }
        position += 1
        var members: [CanonicalJSON.Member] = []
        if try skipIfPresent(UInt8(ascii: "}")) { return members }
        while true {
            let keyOffset = position
            let key = try readKey()
            if let last = members.last, last.key >= key {
                throw CanonicalJSONError(offset: keyOffset, reason: last.key == key ? .duplicateKey : .keyOrder)
            }
            try skip(UInt8(ascii: ":"))
            members.append(CanonicalJSON.Member(key: key, value: try readValue(depth: depth)))
            if try skipIfPresent(UInt8(ascii: "}")) { return members }
            try skip(UInt8(ascii: ","))
        }
    }

    private mutating func readElements(depth: Int) throws(CanonicalJSONError) -> [CanonicalJSON] {
        guard depth <= maximumDepth else {
            throw fault(.tooDeep)
        }
        position += 1
        var elements: [CanonicalJSON] = []
        if try skipIfPresent(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try readValue(depth: depth))
            if try skipIfPresent(UInt8(ascii: "]")) { return elements }
            try skip(UInt8(ascii: ","))
        }
    }

    private mutating func readInteger() throws(CanonicalJSONError) -> Int64 {
        let start = position
        var value: Int64 = 0
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit <= 9 {
            // Checked at each digit, so the product cannot overflow.
            value = value * 10 + Int64(digit)
            guard value <= CanonicalJSON.maximumInteger else {
                throw CanonicalJSONError(offset: start, reason: .integerTooLarge)
            }
            position += 1
        }
        if bytes[start] == UInt8(ascii: "0"), position > start + 1 {
            throw CanonicalJSONError(offset: start, reason: .leadingZero)
        }
        if position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "."): throw fault(.fraction)
            case UInt8(ascii: "e"), UInt8(ascii: "E"): throw fault(.exponent)
            default: break
            }
        }
        return value
    }

    // MARK: - Strings

    // For ASCII the order of UTF-16 code units, which RFC 8785, 3.2.3, demands, is that of the bytes, and so is
    // Swift's order of strings.
    private mutating func readKey() throws(CanonicalJSONError) -> String {
        let start = position
        guard try currentByte() == UInt8(ascii: "\"") else {
            throw unexpectedByte()
        }
        let key = try readString()
        guard !key.isEmpty else {
            throw CanonicalJSONError(offset: start, reason: .emptyKey)
        }
        guard lastStringIsASCII else {
            throw CanonicalJSONError(offset: start, reason: .keyNotASCII)
        }
        return key
    }

    private mutating func readString() throws(CanonicalJSONError) -> String {
        let start = position + 1
        var end = start
        var allBits: UInt8 = 0
        var hasEscape = false
        scan: while true {
            guard end < bytes.count else {
                throw CanonicalJSONError(offset: bytes.count, reason: .unexpectedEnd)
            }
            let byte = bytes[end]
            switch byte {
            case UInt8(ascii: "\""):
                break scan
            case UInt8(ascii: "\\"):
                guard end + 1 < bytes.count else {
                    throw CanonicalJSONError(offset: bytes.count, reason: .unexpectedEnd)
                }
                guard bytes[end + 1] == UInt8(ascii: "\"") || bytes[end + 1] == UInt8(ascii: "\\") else {
                    throw CanonicalJSONError(offset: end, reason: .escape)
                }
                hasEscape = true
                end += 2
            case 0..<0x20, 0x7F:
                throw CanonicalJSONError(offset: end, reason: .control)
            default:
                allBits |= byte
                end += 1
            }
        }
        position = end + 1
        let isASCII = allBits < 0x80
        lastStringIsASCII = isASCII
        guard hasEscape else {
            return try makeString(bytes[start..<end], isASCII: isASCII, offset: start)
        }
        return try makeString(unescaped(bytes[start..<end]), isASCII: isASCII, offset: start)
    }

    private func makeString(
        _ content: ArraySlice<UInt8>,
        isASCII: Bool,
        offset: Int
    ) throws(CanonicalJSONError) -> String {
        if isASCII {
            return String(decoding: content, as: UTF8.self)
        }
        guard let string = String(validating: content, as: UTF8.self) else {
            throw CanonicalJSONError(offset: offset, reason: .invalidUTF8)
        }
        if let reason = TextRules.fault(in: string) {
            throw CanonicalJSONError(offset: offset, reason: reason)
        }
        return string
    }

    private func unescaped(_ content: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var output: ArraySlice<UInt8> = []
        var isEscaped = false
        for byte in content {
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            if !isEscaped { output.append(byte) }
        }
        return output
    }

    // MARK: - Bytes

    private func currentByte() throws(CanonicalJSONError) -> UInt8 {
        guard position < bytes.count else {
            throw fault(.unexpectedEnd)
        }
        return bytes[position]
    }

    private mutating func skip(_ byte: UInt8) throws(CanonicalJSONError) {
        guard try currentByte() == byte else {
            throw unexpectedByte()
        }
        position += 1
    }

    private mutating func skipIfPresent(_ byte: UInt8) throws(CanonicalJSONError) -> Bool {
        guard try currentByte() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skip(_ word: String) throws(CanonicalJSONError) {
        for byte in word.utf8 {
            try skip(byte)
        }
    }

    private func fault(_ reason: CanonicalJSONError.Reason) -> CanonicalJSONError {
        CanonicalJSONError(offset: position, reason: reason)
    }

    private func unexpectedByte() -> CanonicalJSONError {
        switch bytes[position] {
        case 0x09, 0x0A, 0x0D, 0x20: fault(.whiteSpace)
        case UInt8(ascii: "-"): fault(.negativeNumber)
        case 0xEF where position == 0: fault(.byteOrderMark)
        default: fault(.unexpectedByte)
        }
    }
}
