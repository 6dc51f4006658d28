/// Lines of an mdoc page (mdoc(7), roff(7)), escaped.
struct MdocText {
    private(set) var text = ""

    mutating func section(_ title: String) { macro("Sh", raw: title) }

    mutating func macro(_ name: String, _ arguments: String...) {
        macro(name, raw: arguments.map(Self.argument).joined(separator: " "))
    }

    /// - Parameter name: empty when the line itself begins with a macro.
    mutating func macro(_ name: String, raw: String) {
        let line = [name, raw].filter { !$0.isEmpty }.joined(separator: " ")
        text += ".\(line)\n"
    }

    /// Text to be filled: every sentence on a line of its own, so that the space after it is right.
    mutating func words(_ words: String) {
        var sentence: Substring = ""
        for character in words {
            if character == " ", sentence.hasSuffix(".") {
                line(String(sentence))
                sentence = ""
            } else {
                sentence.append(character)
            }
        }
        line(String(sentence))
    }

    mutating func line(_ words: String) {
        // A line that begins like a request would be one.
        let isRequest = words.hasPrefix(".") || words.hasPrefix("'")
        text += (isRequest ? "\\&" : "") + Self.escaped(words) + "\n"
    }

    mutating func paragraphs(_ words: String) {
        var isFirst = true
        for paragraph in words.split(separator: "\n") {
            if !isFirst { macro("Pp") }
            isFirst = false
            self.words(String(paragraph))
        }
    }

    // MARK: Arguments of commands

    static func synopsis(of argument: CommandDescription.Argument) -> String {
        item(of: argument, name: argument.names?.first { $0.kind == .long } ?? argument.names?.first)
    }

    static func item(of argument: CommandDescription.Argument) -> String {
        let names = argument.names ?? []
        guard names.count > 1 else { return item(of: argument, name: names.first) }
        return names.map { item(of: argument, name: $0) }.joined(separator: " , ")
    }

    private static func item(of argument: CommandDescription.Argument, name: CommandDescription.Argument.Name?)
        -> String
    {
        let value = "Ar " + Self.argument(argument.valueName ?? "value")
        guard let name else { return value + (argument.isRepeating ? " ..." : "") }
        let flag = "Fl " + Self.argument(name.kind == .long ? "-\(name.name)" : name.name)
        return argument.kind == .flag ? flag : "\(flag) \(value)"
    }

    // MARK: Escaping

    /// One argument of a macro, quoted; names of macros and punctuation are words in it.
    private static func argument(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
        guard !isPlain else { return text }
        guard text != "..." else { return text }
        return "\"" + escaped(text) + "\""
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\e"
            case "\"": escaped += "\\(dq"
            case "-": escaped += "\\-"
            case "'": escaped += "\\(aq"
            case "`": escaped += "\\(ga"
            case "~": escaped += "\\(ti"
            case "^": escaped += "\\(ha"
            default:
                if scalar.isASCII {
                    escaped.unicodeScalars.append(scalar)
                } else {
                    let hex = String(scalar.value, radix: 16, uppercase: true)
                    escaped += "\\[u" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex + "]"
                }
            }
        }
        return escaped
    }
}
