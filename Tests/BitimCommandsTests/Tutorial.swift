import Foundation
import Support

/// docs/tutorial.md as a series of commands with what they print.
///
///     acme$ bitim list         a command in the folder acme; with \ at its end it goes on in the next line
///     $ cp acme/a beta         a command above the folders
///     beta$ false # status 1   it ends with another status than 0
///     ...                      any number of lines
///
/// Within a line `…` stands for any text. Values that differ from run to run may be written out: a time stands for any
/// time, a SHA-256 for another one, and the same one in all places. It may be cut after eight digits or four groups.
struct Tutorial {
    struct Step {
        let folder: String
        var command: String
        var output: [String] = []

        var status: Int32 { command.firstMatch(of: /# status (\d+)$/).flatMap { Int32($0.1) } ?? 0 }
    }

    let steps: [Step]

    static func page() throws -> Tutorial {
        Tutorial(try String(contentsOfFile: PackageRoot.file("docs/tutorial.md"), encoding: .utf8))
    }

    init(_ page: String) {
        var steps: [Step] = []
        var isConsole = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                isConsole = line == "```console"
            } else if !isConsole {
                continue
            } else if let last = steps.last, last.command.hasSuffix("\\"), last.output.isEmpty {
                steps[steps.count - 1].command += "\n" + line
            } else if let prompt = line.wholeMatch(of: /([a-z]*)\$ (.*)/) {
                steps.append(Step(folder: String(prompt.1), command: String(prompt.2)))
            } else if !steps.isEmpty {
                steps[steps.count - 1].output.append(line)
            }
        }
        self.steps = steps
    }

    /// Which value of a run a value of the page stands for.
    struct Values {
        private var actual: [String: String] = [:]
        private var written: [String: String] = [:]

        /// Nil when the lines are as the page says, else what is wrong.
        mutating func mismatch(_ output: String, _ page: [String]) -> String? {
            var lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
            if lines.last == "" { lines.removeLast() }
            var patterns = page[...]
            while let pattern = patterns.popFirst() {
                if pattern == "..." {
                    guard let next = patterns.first else { return nil }
                    guard let found = lines.firstIndex(where: { Self.values($0, next) != nil }) else {
                        return "no line like '\(next)' in:\n\(output)"
                    }
                    lines = lines[found...]
                    continue
                }
                guard let line = lines.popFirst() else { return "'\(pattern)' is missing after:\n\(output)" }
                guard let values = Self.values(line, pattern) else { return "expected '\(pattern)', found '\(line)'" }
                for value in values {
                    guard actual[value.page, default: value.run] == value.run,
                        written[value.run, default: value.page] == value.page
                    else { return "'\(pattern)': \(value.page) is not what it was before, in '\(line)'" }
                    actual[value.page] = value.run
                    written[value.run] = value.page
                }
            }
            return lines.isEmpty ? nil : "unexpected: \(lines.joined(separator: "\n"))"
        }

        /// The values at the same places of both; nil when the line is not like the pattern.
        private static func values(_ line: String, _ pattern: String) -> [(page: String, run: String)]? {
            let varying =
                /(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)|(?<groups>\b(?:[0-9a-f]{4} ){4,}(?:[0-9a-f]{4}\b|…))|(?<hash>\b(?:[0-9a-f]{64}\b|[0-9a-f]{8}…))|…/
            var expression = "^"
            var written: [String] = []
            var position = pattern.startIndex
            for match in pattern.matches(of: varying) {
                expression += NSRegularExpression.escapedPattern(
                    for: String(pattern[position..<match.range.lowerBound]))
                position = match.range.upperBound
                if match.time != nil {
                    expression += "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
                } else if let groups = match.groups {
                    expression += "((?:[0-9a-f]{4} ){4,}[0-9a-f]{4})"
                    written.append(String(groups.prefix(19)))
                } else if let hash = match.hash {
                    expression += "([0-9a-f]{64})"
                    written.append(String(hash.prefix(8)))
                } else {
                    expression += ".+"
                }
            }
            expression += NSRegularExpression.escapedPattern(for: String(pattern[position...])) + "$"
            guard let compiled = try? NSRegularExpression(pattern: expression),
                let match = compiled.firstMatch(in: line, range: NSRange(line.startIndex..., in: line))
            else { return nil }
            return written.enumerated().map { place, value in
                let range = Range(match.range(at: place + 1), in: line)
                return (value, range.map { String(line[$0].prefix(value.count)) } ?? "")
            }
        }
    }
}
