/// Reads one JSON object that must have exactly the keys it is asked for.
///
/// Ask for the keys in ascending order: the members stand so, and each step then shows a missing key or one too many.
struct ObjectReader {
    private var members: [CanonicalJSON.Member]
    private var position = 0

    init(_ value: CanonicalJSON) throws(StatementError) {
        guard case .object(let members) = value else {
            throw StatementError("\(value.kindName) where an object was expected")
        }
        self.members = members
    }

    /// To be called after the last key.
    func finish() throws(StatementError) {
        if position < members.count {
            throw StatementError("unknown key", at: members[position].key)
        }
    }

    mutating func value(_ key: String) throws(StatementError) -> CanonicalJSON {
        guard position < members.count else {
            throw StatementError("missing", at: key)
        }
        let member = members[position]
        guard member.key == key else {
            if member.key < key {
                throw StatementError("unknown key", at: member.key)
            }
            throw StatementError("missing", at: key)
        }
        position += 1
        return member.value
    }

    /// The members with these keys, for a reader of their own. To be called before any key is asked for.
    mutating func takeOut(_ keys: [String]) -> ObjectReader {
        var taken = self
        taken.members.removeAll { !keys.contains($0.key) }
        members.removeAll { keys.contains($0.key) }
        return taken
    }

    /// The next member whatever its key: for objects whose keys are data.
    mutating func nextMember() -> CanonicalJSON.Member? {
        guard position < members.count else { return nil }
        defer { position += 1 }
        return members[position]
    }

    // MARK: - Scalars

    mutating func string(_ key: String) throws(StatementError) -> String {
        try required(key, Self.string)
    }

    mutating func optionalString(_ key: String) throws(StatementError) -> String? {
        try optional(key, Self.string)
    }

    mutating func boolean(_ key: String) throws(StatementError) -> Bool {
        try required(key, Self.boolean)
    }

    mutating func optionalBoolean(_ key: String) throws(StatementError) -> Bool? {
        try optional(key, Self.boolean)
    }

    mutating func integer(_ key: String, atLeast minimum: Int64 = 0) throws(StatementError) -> Int64 {
        try required(key) { value throws(StatementError) in
            guard case .integer(let integer) = value else {
                throw StatementError("\(value.kindName) where an integer was expected")
            }
            guard integer >= minimum else {
                throw StatementError("\(integer) is less than \(minimum)")
            }
            return integer
        }
    }

    mutating func text<Value: TextValue>(_ key: String, as: Value.Type) throws(StatementError) -> Value {
        try required(key, Self.text)
    }

    mutating func optionalText<Value: TextValue>(_ key: String, as: Value.Type) throws(StatementError) -> Value? {
        try optional(key, Self.text)
    }

    // MARK: - Objects and lists

    mutating func object<Object: StatementObject>(_ key: String, as: Object.Type) throws(StatementError) -> Object {
        try required(key, Object.init)
    }

    mutating func optionalObject<Object: StatementObject>(
        _ key: String, as: Object.Type
    ) throws(StatementError) -> Object? {
        try optional(key, Object.init)
    }

    mutating func objects<Object: StatementObject>(
        _ key: String, of: Object.Type, atLeast minimum: Int = 0
    ) throws(StatementError) -> [Object] {
        try list(key, atLeast: minimum, Object.init)
    }

    /// Null, or a list that is not empty: what is unknown has one spelling.
    mutating func optionalObjects<Object: StatementObject>(
        _ key: String, of: Object.Type
    ) throws(StatementError) -> [Object]? {
        try optional(key) { value throws(StatementError) in
            try Self.list(value, atLeast: 1, Object.init)
        }
    }

    mutating func strings(_ key: String, atLeast minimum: Int = 0) throws(StatementError) -> [String] {
        try list(key, atLeast: minimum, Self.string)
    }

    mutating func texts<Value: TextValue>(
        _ key: String, of: Value.Type, atLeast minimum: Int = 0
    ) throws(StatementError) -> [Value] {
        try list(key, atLeast: minimum, Self.text)
    }

    // MARK: - One value

    static func string(_ value: CanonicalJSON) throws(StatementError) -> String {
        guard case .string(let string) = value else {
            throw StatementError("\(value.kindName) where a string was expected")
        }
        guard !string.isEmpty else {
            throw StatementError("must not be empty")
        }
        return string
    }

    static func boolean(_ value: CanonicalJSON) throws(StatementError) -> Bool {
        guard case .bool(let boolean) = value else {
            throw StatementError("\(value.kindName) where true or false was expected")
        }
        return boolean
    }

    static func text<Value: TextValue>(_ value: CanonicalJSON) throws(StatementError) -> Value {
        guard let text = Value(text: try string(value)) else {
            throw StatementError("not \(Value.expectation)")
        }
        return text
    }

    private static func list<Element>(
        _ value: CanonicalJSON, atLeast minimum: Int, _ read: (CanonicalJSON) throws(StatementError) -> Element
    ) throws(StatementError) -> [Element] {
        guard case .array(let values) = value else {
            throw StatementError("\(value.kindName) where a list was expected")
        }
        guard values.count >= minimum else {
            throw StatementError("must have at least \(minimum) element\(minimum == 1 ? "" : "s")")
        }
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            do throws(StatementError) {
                elements.append(try read(value))
            } catch {
                throw error.inside(index)
            }
        }
        return elements
    }

    private mutating func list<Element>(
        _ key: String, atLeast minimum: Int, _ read: (CanonicalJSON) throws(StatementError) -> Element
    ) throws(StatementError) -> [Element] {
        try required(key) { value throws(StatementError) in
            try Self.list(value, atLeast: minimum, read)
        }
    }

    private mutating func required<Value>(
        _ key: String, _ read: (CanonicalJSON) throws(StatementError) -> Value
    ) throws(StatementError) -> Value {
        let value = try value(key)
        do throws(StatementError) {
            return try read(value)
        } catch {
            throw error.inside(key)
        }
    }

    private mutating func optional<Value>(
        _ key: String, _ read: (CanonicalJSON) throws(StatementError) -> Value
    ) throws(StatementError) -> Value? {
        try required(key) { value throws(StatementError) in
            if case .null = value { nil } else { try read(value) }
        }
    }
}
