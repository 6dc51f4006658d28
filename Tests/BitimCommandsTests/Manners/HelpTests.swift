import ArgumentParser
import Foundation
import Support
import Testing

@testable import BitimCommands

@Suite struct HelpTests {
    @Test func `The tree has the commands that the program has`() {
        for name in ["bitim", "bitim keys new", "bitim record consented", "bitim audit"] {
            #expect(CommandTree.named(name) != nil, "\(name) is missing")
        }
        #expect(CommandTree.named("bitim help") == nil)
        #expect(CommandTree.leaves.count >= 14)
    }

    @Test(arguments: CommandTree.all.map(\.name))
    func `Every command's help has an example, and the program understands it`(name: String) throws {
        let command = try #require(CommandTree.named(name))
        let lines = HelpText.parts(of: command.discussion ?? "").example
        #expect(
            !lines.isEmpty,
            "the help of '\(name)' has no example: say discussion: HelpText.text(\"…\", example: \"\(name) …\")")
        for example in Self.joined(lines) {
            let words = try Self.words(of: example)
            #expect(words.starts(with: command.path), "'\(example)' is no example of '\(name)'")
            do {
                _ = try BitimCommand.parseAsRoot(Array(words.dropFirst()))
            } catch {
                Issue.record("'\(example)': \(BitimCommand.message(for: error))")
            }
        }
        // The help is wrapped at 80 columns; a wrapped example could not be copied.
        for line in lines { #expect(line.count <= 77, "'\(line)' is too long for a line: go on after a backslash") }
    }

    @Test(arguments: CommandTree.all.map(\.name))
    func `Every command and every argument says what it is`(name: String) throws {
        let command = try #require(CommandTree.named(name))
        #expect(!(command.abstract ?? "").isEmpty, "'\(name)' has no abstract")
        for argument in command.arguments ?? [] where argument.shouldDisplay {
            #expect(
                !(argument.abstract ?? "").isEmpty,
                "'\(name)' does not say what \(argument.names?.last?.text ?? argument.valueName ?? "") is")
        }
    }

    @Test(arguments: CommandTree.all.map(\.name))
    func `Help is shown on stdout, whole, with status 0`(name: String) throws {
        let command = try #require(CommandTree.named(name))
        let run = try CommandRun.bitim(command.path.dropFirst() + ["--help"], folder: PackageRoot.path)
        #expect(run.status == 0)
        #expect(run.standardError.isEmpty)
        for line in HelpText.parts(of: command.discussion ?? "").example {
            #expect(run.standardOutput.contains("\n  \(line)\n"), "'\(line)' is not shown as it is written")
        }
        for argument in command.arguments ?? [] where argument.shouldDisplay {
            for option in argument.names ?? [] {
                #expect(run.standardOutput.contains(option.text), "\(option.text) is not in the help of \(name)")
            }
        }
    }

    @Test func `However the program's own help is asked for, it is the same`() throws {
        let answers = try [["--help"], ["-h"], ["help"], ["--help", "--help"], []].map {
            try CommandRun.bitim($0, folder: PackageRoot.path)
        }
        #expect(answers.allSatisfy { $0.status == 0 && $0.standardError.isEmpty })
        #expect(Set(answers.map(\.standardOutput)).count == 1)
    }

    /// Lines that end in a backslash go on.
    private static func joined(_ lines: [String]) -> [String] {
        var examples: [String] = []
        var isOpen = false
        for line in lines {
            if isOpen { examples[examples.count - 1] += "\n" + line } else { examples.append(line) }
            isOpen = line.hasSuffix("\\")
        }
        return examples
    }

    /// As a shell takes them apart, up to where its output goes.
    private static func words(of example: String) throws -> [String] {
        let command = example.components(separatedBy: " > ")[0]
        let run = try CommandRun.run(
            "/bin/sh", ["-c", "printf '%s\\036' \(command)"], folder: PackageRoot.path)
        #expect(run.status == 0 && run.standardError.isEmpty, "\(run.standardError)")
        return run.standardOutput.split(separator: "\u{1E}").map(String.init)
    }
}
