/// Reads one JSON object that must have exactly the keys it is asked for.
///
/// Ask for the keys in ascending order: the members stand so, and each step then shows a missing key or one too many.
///
/// It reads a tree, or the bytes themselves: that way, for speed, it throws `StatementError.unread` at any fault.
struct ObjectReader {
    private var members: [CanonicalJSON.Member]
    private var position = 0
    /// Nil when it reads a tree.
    private var cursor: ByteCursor?
    /// The last key that was not asked for by name.
    private var lastKey: String?

    init(_ value: CanonicalJSON) throws(StatementError) {
        guard case .object(let members) = value else {
            throw StatementError("\(value.kindName) where an object was expected")
        }
        self.members = members
    }

    /// Reads the object that stands at the cursor.
    init(at cursor: ByteCursor) throws(StatementError) {
        members = []
        self.cursor = cursor
        guard self.cursor?.skip(UInt8(ascii: "{")) == true else { throw StatementError.unread }
    }

    /// Whether nothing comes after the object in the bytes that are read.
    var isAtEnd: Bool { cursor?.isAtEnd ?? false }

    /// To be called after the last key.
    mutating func finish() throws(StatementError) {
        if cursor != nil {
            guard cursor?.skip(UInt8(ascii: "}")) == true else { throw StatementError.unread }
            return
        }
        if position < members.count {
            throw StatementError("unknown key", at: members[position].key)
        }
    }

    mutating func value(_ name: StaticString) throws(StatementError) -> CanonicalJSON {
        // Whoever asks for a tree has one.
        guard cursor == nil else { throw StatementError.unread }
        let key = name.description
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
    mutating func takeOut(_ keys: [String]) throws(StatementError) -> ObjectReader {
        guard cursor == nil else { throw StatementError.unread }
        var taken = self
        taken.members.removeAll { !keys.contains($0.key) }
        members.removeAll { keys.contains($0.key) }
        return taken
    }

    /// The key of the next member, whatever it is: for objects whose keys are data. Its value is to be read next.
    mutating func nextKey() throws(StatementError) -> String? {
        guard cursor != nil else { return position < members.count ? members[position].key : nil }
        if cursor?.current == UInt8(ascii: "}") { return nil }
        guard position == 0 || cursor?.skip(UInt8(ascii: ",")) == true, let content = cursor?.content(),
            content.isASCII, !content.hasEscape, !content.bytes.isEmpty, let key = content.string,
            cursor?.skip(UInt8(ascii: ":")) == true, lastKey.map({ $0 < key }) ?? true
        else { throw StatementError.unread }
        lastKey = key
        position += 1
        return key
    }

    /// The string that stands under the key that was read last.
    mutating func nextString() throws(StatementError) -> String {
        if cursor != nil { return try streamedString() }
        position += 1
        return try Self.string(members[position - 1].value)
    }

    // MARK: - Scalars

    mutating func string(_ key: StaticString) throws(StatementError) -> String {
        if try begin(key) { return try streamedString() }
        return try required(key, Self.string)
    }

    mutating func optionalString(_ key: StaticString) throws(StatementError) -> String? {
        if try begin(key) { return skipNull() ? nil : try streamedString() }
        return try optional(key, Self.string)
    }

    mutating func boolean(_ key: StaticString) throws(StatementError) -> Bool {
        if try begin(key) { return try streamedBoolean() }
        return try required(key, Self.boolean)
    }

    mutating func optionalBoolean(_ key: StaticString) throws(StatementError) -> Bool? {
        if try begin(key) { return skipNull() ? nil : try streamedBoolean() }
        return try optional(key, Self.boolean)
    }

    mutating func integer(_ key: StaticString, atLeast minimum: Int64 = 0) throws(StatementError) -> Int64 {
        if try begin(key) {
            guard let integer = cursor?.integer(), integer >= minimum else { throw StatementError.unread }
            return integer
        }
        return try required(key) { value throws(StatementError) in
            guard case .integer(let integer) = value else {
                throw StatementError("\(value.kindName) where an integer was expected")
            }
            guard integer >= minimum else {
                throw StatementError("\(integer) is less than \(minimum)")
            }
            return integer
        }
    }

    mutating func text<Value: TextValue>(_ key: StaticString, as: Value.Type) throws(StatementError) -> Value {
        if try begin(key) { return try streamedText() }
        return try required(key, Self.text)
    }

    mutating func optionalText<Value: TextValue>(
        _ key: StaticString, as: Value.Type
    ) throws(StatementError) -> Value? {
        if try begin(key) { return skipNull() ? nil : try streamedText() }
        return try optional(key, Self.text)
    }

    // MARK: - Objects and lists

    mutating func object<Object: StatementObject>(
        _ key: StaticString, as: Object.Type
    ) throws(StatementError) -> Object {
        if try begin(key) { return try streamedObject() }
        return try required(key, Object.init)
    }

    mutating func optionalObject<Object: StatementObject>(
        _ key: StaticString, as: Object.Type
    ) throws(StatementError) -> Object? {
        if try begin(key) { return skipNull() ? nil : try streamedObject() }
        return try optional(key, Object.init)
    }

    mutating func objects<Object: StatementObject>(
        _ key: StaticString, of: Object.Type, atLeast minimum: Int = 0
    ) throws(StatementError) -> [Object] {
        if try begin(key) {
            return try streamedList(atLeast: minimum) { (reader) throws(StatementError) in
                try reader.streamedObject()
            }
        }
        return try list(key, atLeast: minimum, Object.init)
    }

    /// Null, or a list that is not empty: what is unknown has one spelling.
    mutating func optionalObjects<Object: StatementObject>(
        _ key: StaticString, of: Object.Type
    ) throws(StatementError) -> [Object]? {
        if try begin(key) {
            if skipNull() { return nil }
            return try streamedList(atLeast: 1) { (reader) throws(StatementError) in try reader.streamedObject() }
        }
        return try optional(key) { value throws(StatementError) in
            try Self.list(value, atLeast: 1, Object.init)
        }
    }

    mutating func strings(_ key: StaticString, atLeast minimum: Int = 0) throws(StatementError) -> [String] {
        if try begin(key) {
            return try streamedList(atLeast: minimum) { (reader) throws(StatementError) in
                try reader.streamedString()
            }
        }
        return try list(key, atLeast: minimum, Self.string)
    }

    mutating func texts<Value: TextValue>(
        _ key: StaticString, of: Value.Type, atLeast minimum: Int = 0
    ) throws(StatementError) -> [Value] {
        if try begin(key) {
            return try streamedList(atLeast: minimum) { (reader) throws(StatementError) in
                try reader.streamedText()
            }
        }
        return try list(key, atLeast: minimum, Self.text)
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
        _ key: StaticString, atLeast minimum: Int, _ read: (CanonicalJSON) throws(StatementError) -> Element
    ) throws(StatementError) -> [Element] {
        try required(key) { value throws(StatementError) in
            try Self.list(value, atLeast: minimum, read)
        }
    }

    private mutating func required<Value>(
        _ key: StaticString, _ read: (CanonicalJSON) throws(StatementError) -> Value
    ) throws(StatementError) -> Value {
        let value = try value(key)
        do throws(StatementError) {
            return try read(value)
        } catch {
            throw error.inside(key.description)
        }
    }

    private mutating func optional<Value>(
        _ key: StaticString, _ read: (CanonicalJSON) throws(StatementError) -> Value
    ) throws(StatementError) -> Value? {
        try required(key) { value throws(StatementError) in
            if case .null = value { nil } else { try read(value) }
        }
    }

    // MARK: - Bytes

    /// Goes to the value under the key. False when a tree is read.
    private mutating func begin(_ key: StaticString) throws(StatementError) -> Bool {
        guard cursor != nil else { return false }
        guard position == 0 || cursor?.skip(UInt8(ascii: ",")) == true, cursor?.skip(key: key) == true else {
            throw StatementError.unread
        }
        position += 1
        return true
    }

    private mutating func skipNull() -> Bool {
        cursor?.current == UInt8(ascii: "n") && cursor?.skip("null") == true
    }

    private mutating func streamedString() throws(StatementError) -> String {
        guard let content = cursor?.content(), !content.bytes.isEmpty, let string = content.string else {
            throw StatementError.unread
        }
        return string
    }

    private mutating func streamedText<Value: TextValue>() throws(StatementError) -> Value {
        guard let content = cursor?.content(), !content.bytes.isEmpty else { throw StatementError.unread }
        if content.isASCII, !content.hasEscape {
            guard let value = Value(ascii: content.bytes) else { throw StatementError.unread }
            return value
        }
        guard let string = content.string, let value = Value(text: string) else { throw StatementError.unread }
        return value
    }

    private mutating func streamedBoolean() throws(StatementError) -> Bool {
        if cursor?.skip("true") == true { return true }
        guard cursor?.skip("false") == true else { throw StatementError.unread }
        return false
    }

    private mutating func streamedObject<Object: StatementObject>() throws(StatementError) -> Object {
        guard let cursor else { throw StatementError.unread }
        var reader = try ObjectReader(at: cursor)
        let object = try Object(from: &reader)
        try reader.finish()
        self.cursor = reader.cursor
        return object
    }

    private mutating func streamedList<Element>(
        atLeast minimum: Int, _ read: (inout ObjectReader) throws(StatementError) -> Element
    ) throws(StatementError) -> [Element] {
        var elements: [Element] = []
        guard cursor?.skip(UInt8(ascii: "[")) == true else { throw StatementError.unread }
        if cursor?.skip(UInt8(ascii: "]")) != true {
            repeat { elements.append(try read(&self)) } while cursor?.skip(UInt8(ascii: ",")) == true
            guard cursor?.skip(UInt8(ascii: "]")) == true else { throw StatementError.unread }
        }
        guard elements.count >= minimum else { throw StatementError.unread }
        return elements
    }
}
