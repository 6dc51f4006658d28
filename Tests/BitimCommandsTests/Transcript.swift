import Foundation
import Support
import Testing

/// A file of commands with what they must print:
///
///     # a comment
///     $ bitim list --quiet
///     KZ-UZ-2025-01
///     ...                     any number of lines
///     ! bitim: note: …        a line of stderr
///     = 0                     the exit status
///     absent file.txt         a file that must not be there
///
/// `<…>` within a line stands for any text without spaces.
struct Transcript: CustomTestStringConvertible {
    struct Step {
        let command: String
        var output: [String] = []
        var errors: [String] = []
        var status: Int32 = 0
        var absent: [String] = []
    }

    let name: String
    let steps: [Step]

    var testDescription: String { name }

    static let all: [Transcript] = {
        let folder = PackageRoot.file("Tests/BitimCommandsTests/Transcripts")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted().compactMap { name in
            guard let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) else { return nil }
            return Transcript(name: name, steps: parse(text))
        }
    }()

    private static func parse(_ text: String) -> [Step] {
        var steps: [Step] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("#") { continue }
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else if steps.isEmpty || line.isEmpty {
                continue
            } else if line.hasPrefix("! ") {
                steps[steps.count - 1].errors.append(String(line.dropFirst(2)))
            } else if line.hasPrefix("= "), let status = Int32(line.dropFirst(2)) {
                steps[steps.count - 1].status = status
            } else if line.hasPrefix("absent ") {
                steps[steps.count - 1].absent.append(String(line.dropFirst(7)))
            } else {
                steps[steps.count - 1].output.append(line == "\\" ? "" : line)
            }
        }
        return steps
    }

    /// Nil when the lines are as the pattern says, else what is wrong.
    static func mismatch(_ actual: String, _ pattern: [String]) -> String? {
        var lines = actual.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
        if lines.last == "" { lines.removeLast() }
        var patterns = pattern[...]
        while let expected = patterns.popFirst() {
            if expected == "..." {
                guard let next = patterns.first else { return nil }
                guard let found = lines.firstIndex(where: { matches($0, next) }) else {
                    return "no line like '\(next)' in:\n\(actual)"
                }
                lines = lines[found...]
                continue
            }
            guard let line = lines.popFirst() else { return "'\(expected)' is missing after:\n\(actual)" }
            guard matches(line, expected) else { return "expected '\(expected)', found '\(line)'" }
        }
        return lines.isEmpty ? nil : "unexpected: \(lines.joined(separator: "\n"))"
    }

    private static func matches(_ line: String, _ pattern: String) -> Bool {
        var expression = "^"
        for (position, part) in pattern.components(separatedBy: "<…>").enumerated() {
            if position > 0 { expression += "[^ ]+" }
            expression += NSRegularExpression.escapedPattern(for: part)
        }
        return line.range(of: expression + "$", options: .regularExpression) != nil
    }
}
