/// What a subcommand measured: a line of names and values, or one JSON object.
struct Answer {
    enum Value {
        case integer(Int)
        case number(Double)
        case text(String)

        var text: String {
            switch self {
            case .integer(let value): "\(value)"
            case .number(let value): value.isFinite ? "\(value)" : "null"
            case .text(let value): "\"\(value)\""
            }
        }
    }

    private let members: [(name: String, value: Value)]

    init(_ members: KeyValuePairs<String, Value>) {
        self.members = members.map { (name: $0.key, value: $0.value) }
    }

    func print(json: Bool) {
        if json {
            Swift.print("{\(members.map { "\"\($0.name)\":\($0.value.text)" }.joined(separator: ","))}")
        } else {
            for member in members { Swift.print("\(member.name)\t\(member.value.text)") }
        }
    }
}
