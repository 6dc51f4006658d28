/// Prints one JSON object; nil is `null`. The keys may come in any order.
struct ObjectPrinter {
    private var members: [CanonicalJSON.Member] = []

    // Keys are ASCII: Swift's order of strings is that of their bytes.
    var json: CanonicalJSON {
        .object(members.sorted { $0.key < $1.key })
    }

    mutating func value(_ key: String, _ value: CanonicalJSON) {
        members.append(CanonicalJSON.Member(key: key, value: value))
    }

    mutating func string(_ key: String, _ string: String?) {
        value(key, string.map(CanonicalJSON.string) ?? .null)
    }

    mutating func boolean(_ key: String, _ boolean: Bool?) {
        value(key, boolean.map(CanonicalJSON.bool) ?? .null)
    }

    mutating func integer(_ key: String, _ integer: Int64) {
        value(key, .integer(integer))
    }

    mutating func text(_ key: String, _ text: (some TextValue)?) {
        string(key, text?.text)
    }

    mutating func object(_ key: String, _ object: (some StatementObject)?) {
        value(key, object?.json ?? .null)
    }

    mutating func objects(_ key: String, _ objects: [some StatementObject]?) {
        value(key, objects.map { .array($0.map(\.json)) } ?? .null)
    }

    mutating func strings(_ key: String, _ strings: [String]) {
        value(key, .array(strings.map(CanonicalJSON.string)))
    }

    mutating func texts(_ key: String, _ texts: [some TextValue]) {
        strings(key, texts.map(\.text))
    }
}
