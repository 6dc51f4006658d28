extension CanonicalJSON {
    /// The canonical spelling. For a value that was read, exactly the bytes it was read from.
    package var bytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(1024)
        append(to: &output)
        return output
    }

    private func append(to output: inout [UInt8]) {
        switch self {
        case .null:
            output.append(contentsOf: "null".utf8)
        case .bool(let value):
            output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value):
            output.append(contentsOf: String(value).utf8)
        case .string(let value):
            Self.append(value, to: &output)
        case .array(let values):
            output.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                value.append(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.append(member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.append(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    // RFC 8785, 3.2.2.2, has more escapes, all of them for controls: no string of ours may hold one. A control in a
    // value made in memory is printed raw, and the reader refuses it.
    private static func append(_ string: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { content in
            var rest = content[...]
            while let index = rest.firstIndex(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
                output.append(contentsOf: rest[..<index])
                output.append(UInt8(ascii: "\\"))
                output.append(rest[index])
                rest = rest[(index + 1)...]
            }
            output.append(contentsOf: rest)
        }
        output.append(UInt8(ascii: "\""))
    }
}
