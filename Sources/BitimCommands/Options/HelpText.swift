/// The text below a command's abstract: what it does, then an example in one form, which the man pages read too.
enum HelpText {
    private static let heading = "Example:"
    private static let indent = "  "

    /// - Parameter examples: command lines, each of which the program must understand; a long one goes on after `\`.
    static func text(_ discussion: String = "", example examples: String...) -> String {
        let lines = examples.joined(separator: "\n").split(separator: "\n").map { indent + $0 }
        let example = ([heading] + lines).joined(separator: "\n")
        return discussion.isEmpty ? example : discussion + "\n\n" + example
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
