/// One JSON value in the canonical form of `docs/statement.md`: RFC 8785, restricted so that a value has one spelling.
///
///     {"expires":null,"size":12,"title":{"en":"Agreement","kk":"Келісім"}}
///
/// A value that was read obeys every rule. One made in memory may break them (unsorted keys, a negative integer):
/// its bytes are then refused when they are read back.
package enum CanonicalJSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([CanonicalJSON])
    case object([Member])

    /// One key of an object with its value. Members stand in ascending order of their keys' bytes.
    package struct Member: Hashable, Sendable {
        package let key: String
        package let value: CanonicalJSON

        package init(key: String, value: CanonicalJSON) {
            self.key = key
            self.value = value
        }
    }

    /// The largest integer that every JSON implementation holds exactly (RFC 8785, 3.2.2.3; RFC 7493, 2.2).
    package static let maximumInteger: Int64 = (1 << 53) - 1

    /// Reads one value that must fill `bytes` to the end.
    ///
    /// Depth counts arrays and objects: `[[1]]` has depth 2.
    package init(
        parsing bytes: [UInt8],
        maximumBytes: Int = 32_768,
        maximumDepth: Int = 16
    ) throws(CanonicalJSONError) {
        guard bytes.count <= maximumBytes else {
            throw CanonicalJSONError(offset: maximumBytes, reason: .tooLong)
        }
        var reader = CanonicalJSONReader(bytes: bytes, maximumDepth: maximumDepth)
        self = try reader.readDocument()
    }

    /// What a message calls a value of this kind.
    var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
