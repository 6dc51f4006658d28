import Foundation
import Support
import Testing

@testable import BitimCommands

@Suite struct ManualTests {
    private static func pages() throws -> (folder: ScratchFolder, texts: [String: String]) {
        let scratch = ScratchFolder()
        let run = try CommandRun.bitim(
            ["manual", scratch.path], folder: PackageRoot.path, environment: ["SOURCE_DATE_EPOCH": "1735689600"])
        #expect(run.status == 0, "\(run.standardError)")
        var texts: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path) {
            texts[name] = try String(contentsOfFile: scratch.file(name), encoding: .utf8)
        }
        return (scratch, texts)
    }

    @Test func `Every command has a page, and there are no others`() throws {
        let (_, texts) = try Self.pages()
        #expect(Set(texts.keys) == Set(CommandTree.all.map { $0.path.joined(separator: "-") + ".1" }))
    }

    @Test func `A page tells all that the help tells, and what a page has to tell besides`() throws {
        let (_, texts) = try Self.pages()
        for command in CommandTree.all {
            let page = try #require(texts[command.path.joined(separator: "-") + ".1"])
            #expect(page.hasPrefix(".Dd January 1, 2025\n.Dt \(command.path.joined(separator: "-").uppercased()) 1\n"))
            var sections = ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"]
            if command.takes("--registry") { sections += ["ENVIRONMENT", "FILES"] }
            if command.isLeaf { sections.append("EXAMPLES") }
            for section in sections {
                #expect(page.contains("\n.Sh \(section)\n"), "\(command.name) has no section \(section)")
            }
            for argument in command.arguments ?? [] where argument.shouldDisplay {
                for name in argument.names ?? [] where !["version", "help", "h"].contains(name.name) {
                    let flag = name.kind == .long ? "-\(name.name)" : name.name
                    #expect(page.contains("Fl \(flag)"), "\(command.name) does not tell of \(name.text)")
                }
            }
        }
    }

    @Test(arguments: [
        ("mandoc", ["-T", "lint", "-W", "warning"]), ("groff", ["-ww", "-mandoc", "-Tutf8", "-z"]),
    ])
    func `Pages are well-formed, by each checker that is installed`(checker: String, options: [String]) throws {
        guard let program = Self.tool(checker) else {
            try Test.cancel("\(checker) is not installed, so it has not looked at the pages")
        }
        let (scratch, texts) = try Self.pages()
        #expect(!texts.isEmpty)
        for name in texts.keys.sorted() {
            let run = try CommandRun.run(program, options + [name], folder: scratch.path)
            #expect(
                run.status == 0 && run.standardError.isEmpty, "\(name): \(run.standardOutput)\(run.standardError)")
        }
    }

    @Test func `Text cannot become a request or an escape`() {
        var page = MdocText()
        page.line(".Sh \\fBbad\\fR \"quoted\" …")
        page.line("'it")
        page.words("One. Two. (Three)")
        page.macro("It", "Ev", "A, B")
        #expect(
            page.text == """
                \\&.Sh \\efBbad\\efR \\(dqquoted\\(dq \\[u2026]
                \\&\\(aqit
                One.
                Two.
                (Three)
                .It Ev "A, B"

                """)
    }

    @Test func `What is no time is refused`() throws {
        let scratch = ScratchFolder()
        let run = try CommandRun.bitim(
            ["manual", scratch.path], folder: PackageRoot.path, environment: ["SOURCE_DATE_EPOCH": "yesterday"])
        #expect(run.status == 64)
        #expect(run.standardError.contains("SOURCE_DATE_EPOCH is 'yesterday'"))
    }

    static func tool(_ name: String) -> String? {
        ["/usr/bin", "/bin", "/usr/local/bin"].map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
