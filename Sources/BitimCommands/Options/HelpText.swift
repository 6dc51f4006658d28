/// The text below a command's abstract: what it does, then an example in one form, which the man pages read too.
enum HelpText {
    private static let heading = "Example:"
    private static let indent = "  "

    /// - Parameter examples: command lines, each of which the program must understand; a long one goes on after `\`.
    static func text(_ discussion: String = "", example examples: String...) -> String {
        var text = discussion.isEmpty ? heading : discussion + "\n\n" + heading
        for example in examples {
            text += "\n" + indent
            for scalar in example.unicodeScalars {
                text.unicodeScalars.append(scalar)
                if scalar == "\n" { text += indent }
            }
        }
        return text
    }

    /// The two parts again; no lines when there is no example.
    static func parts(of text: String) -> (discussion: String, example: [String]) {
        var discussion: [Substring] = []
        var example: [String] = []
        var isExample = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == heading {
                isExample = true
            } else if isExample {
                example.append(line.hasPrefix(indent) ? String(line.dropFirst(indent.count)) : String(line))
            } else {
                discussion.append(line)
            }
        }
        while discussion.last?.isEmpty == true { discussion.removeLast() }
        return (discussion.joined(separator: "\n"), example)
    }
}
