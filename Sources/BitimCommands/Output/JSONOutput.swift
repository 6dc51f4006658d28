internal import Agreements
internal import FoundationEssentials

/// A command's result as JSON: one object, keys sorted, a newline at the end.
enum JSONOutput {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        return escapedHidden(text) + "\n"
    }

    /// Hidden characters can stand in strings only, where JSON has an escape for them.
    private static func escapedHidden(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: VisibleText.isHidden) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            guard VisibleText.isHidden(scalar) else {
                escaped.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let hex = String(unit, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            }
        }
        return escaped
    }
}

/// A statement's canonical JSON inside another JSON object.
struct EmbeddedJSON: Encodable {
    let value: CanonicalJSON

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        switch value {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let flag):
            var container = encoder.singleValueContainer()
            try container.encode(flag)
        case .integer(let number):
            var container = encoder.singleValueContainer()
            try container.encode(number)
        case .string(let text):
            var container = encoder.singleValueContainer()
            try container.encode(text)
        case .array(let values):
            var container = encoder.unkeyedContainer()
            for value in values { try container.encode(EmbeddedJSON(value: value)) }
        case .object(let members):
            var container = encoder.container(keyedBy: Key.self)
            for member in members {
                try container.encode(EmbeddedJSON(value: member.value), forKey: Key(stringValue: member.key))
            }
        }
    }
}
