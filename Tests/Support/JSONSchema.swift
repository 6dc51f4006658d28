internal import Foundation

/// A folder of JSON Schemas (draft 2020-12), and values held against them. It knows the keywords that they use, and
/// refuses a schema with any other: what it does not know it would not check.
package struct JSONSchema {
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
    }

    private static let annotations: Set<String> = ["$schema", "$defs", "title", "description"]
    private static let assertions: Set<String> = [
        "$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "pattern", "oneOf",
        "anyOf", "minimum",
    ]

    /// By file name.
    package let files: [String: JSONValue]

    package init(folder: String) throws {
        var files: [String: JSONValue] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            files[name] = try JSONValue(parsing: String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))
        }
        self.files = files
    }

    /// What is wrong with the value, with the place of each; empty when nothing is.
    package func faults(of value: JSONValue, file: String) throws -> [String] {
        guard let schema = files[file] else { throw Unusable(description: "there is no schema \(file)") }
        return try faults(of: value, schema, file: file, at: "")
    }

    private func faults(of value: JSONValue, _ schema: JSONValue, file: String, at place: String) throws -> [String] {
        guard let keywords = schema.members else { throw Unusable(description: "\(file): a schema is not an object") }
        if let unknown = Set(keywords.keys).subtracting(Self.annotations).subtracting(Self.assertions).first {
            throw Unusable(description: "\(file): the keyword '\(unknown)' is not known to this test")
        }
        var found: [String] = []
        func complain(_ text: String) { found.append("\(place.isEmpty ? "the answer" : place) \(text)") }
        if let reference = keywords["$ref"]?.text {
            let (target, targetFile) = try resolve(reference, from: file)
            found += try faults(of: value, target, file: targetFile, at: place)
        }
        if let type = keywords["type"] {
            let types = type.elements?.compactMap(\.text) ?? [type.text].compactMap { $0 }
            if !types.contains(where: { Self.isOf($0, value) }) {
                complain("is not \(types.joined(separator: " or "))")
            }
        }
        if let values = keywords["enum"]?.elements, !values.contains(value) { complain("is not one of the words") }
        if let constant = keywords["const"], constant != value { complain("is not \(constant)") }
        if let pattern = keywords["pattern"]?.text, let text = value.text,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            complain("is '\(text)', not like \(pattern)")
        }
        if let minimum = keywords["minimum"]?.integer {
            if case .integer(let number) = value, number < minimum { complain("is less than \(minimum)") }
            if case .number(let number) = value, number < Double(minimum) { complain("is less than \(minimum)") }
        }
        if let items = keywords["items"], let elements = value.elements {
            for (position, element) in elements.enumerated() {
                found += try faults(of: element, items, file: file, at: "\(place)[\(position)]")
            }
        }
        if let members = value.members {
            let properties = keywords["properties"]?.members ?? [:]
            for name in keywords["required"]?.elements?.compactMap(\.text) ?? [] where members[name] == nil {
                complain("has no '\(name)'")
            }
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                let path = "\(place).\(name)"
                if let property = properties[name] {
                    found += try faults(of: member, property, file: file, at: path)
                } else if keywords["additionalProperties"] == .bool(false) {
                    complain("has an unknown member '\(name)'")
                } else if let others = keywords["additionalProperties"], others != .bool(true) {
                    found += try faults(of: member, others, file: file, at: path)
                }
            }
        }
        if let choices = keywords["anyOf"]?.elements {
            let all = try choices.map { try faults(of: value, $0, file: file, at: place) }
            if !all.contains(where: \.isEmpty) { found += all.min { $0.count < $1.count } ?? [] }
        }
        if let choices = keywords["oneOf"]?.elements {
            let all = try choices.map { try faults(of: value, $0, file: file, at: place) }
            switch all.count(where: \.isEmpty) {
            case 0: found += all.min { $0.count < $1.count } ?? []
            case 1: break
            default: complain("fits more than one of the choices")
            }
        }
        return found
    }

    private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .number),
            ("string", .string), ("array", .array), ("object", .object):
            true
        default: false
        }
    }

    /// `file.json`, `file.json#/$defs/name` or `#/$defs/name`.
    private func resolve(_ reference: String, from file: String) throws -> (JSONValue, file: String) {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0].isEmpty ? file : parts[0]
        var target = files[name]
        for step in parts.dropFirst().first?.split(separator: "/") ?? [] { target = target?[String(step)] }
        guard let target else { throw Unusable(description: "\(file): there is no \(reference)") }
        return (target, name)
    }

    // MARK: The schemas themselves

    /// Every object that has named members must name all of them as required, and allow no others.
    package func leniencies(of file: String) -> [String] {
        guard let schema = files[file] else { return ["there is no schema \(file)"] }
        return Self.leniencies(schema, at: file)
    }

    private static func leniencies(_ schema: JSONValue, at place: String) -> [String] {
        var found: [String] = []
        if let properties = schema["properties"]?.members {
            let required = Set(schema["required"]?.elements?.compactMap(\.text) ?? [])
            if required != Set(properties.keys) { found.append("\(place): not all members are required") }
            if schema["additionalProperties"] != .bool(false) { found.append("\(place): other members are allowed") }
        }
        switch schema {
        case .object(let members):
            for (name, member) in members { found += leniencies(member, at: "\(place)/\(name)") }
        case .array(let values):
            for value in values { found += leniencies(value, at: place) }
        default: break
        }
        return found
    }

    /// The files that a file refers to.
    package func references(of file: String) -> Set<String> {
        func walk(_ value: JSONValue) -> Set<String> {
            switch value {
            case .object(let members):
                var found = Set(members.values.flatMap(walk))
                if let name = members["$ref"]?.text?.split(separator: "#", omittingEmptySubsequences: false).first,
                    !name.isEmpty
                {
                    found.insert(String(name))
                }
                return found
            case .array(let values): return Set(values.flatMap(walk))
            default: return []
            }
        }
        return files[file].map(walk) ?? []
    }
}
