/// Why some bytes are not canonical JSON, and where.
package struct CanonicalJSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The offset in bytes of the fault; for a fault of a string as a whole, of the string's first byte.
    package let offset: Int
    package let reason: Reason

    package init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    package var description: String { "byte \(offset): \(reason.rawValue)" }

    package enum Reason: String, Hashable, Sendable, CaseIterable {
        case tooLong = "longer than allowed"
        case tooDeep = "nested deeper than allowed"
        case unexpectedEnd = "ends in the middle of a value"
        case unexpectedByte = "not what canonical JSON has here"
        case byteOrderMark = "a byte order mark"
        case whiteSpace = "white space outside a string"
        case trailingBytes = "bytes after the value"
        case negativeNumber = "a negative number"
        case leadingZero = "a number with a leading zero"
        case fraction = "a number with a fraction"
        case exponent = "a number with an exponent"
        case integerTooLarge = "an integer above 2^53-1"
        case emptyKey = "an empty key"
        case keyNotASCII = "a key that is not of printable ASCII"
        case keyOrder = "a key that is not in ascending order"
        case duplicateKey = "a key that the object already has"
        case escape = "an escape other than \\\" and \\\\"
        case control = "a control character"
        case invalidUTF8 = "not valid UTF-8"
        case bidirectionalControl = "a bidirectional control"
        case lineSeparator = "a line or paragraph separator"
        case noncharacter = "a noncharacter"
        case unassigned = "a character that is not assigned"
        case notNormalized = "a string that is not in normalization form C"
    }
}
