import Foundation
import Support
import Testing

@testable import BitimCommands

@Suite struct InstallTests {
    @Test func `Program, manual and completions are put where their readers look, and nowhere else`() throws {
        let scratch = ScratchFolder()
        let run = try CommandRun.run(
            PackageRoot.file("scripts/install"), [CommandRun.program], folder: scratch.path,
            environment: ["DESTDIR": scratch.file("root"), "PREFIX": "/opt/bitim"])
        #expect(run.status == 0 && run.standardOutput.isEmpty && run.standardError.isEmpty, "\(run.standardError)")
        let installed = try CommandRun.run(
            "/usr/bin/find", [".", "-type", "f"], folder: scratch.file("root/opt/bitim"))
        let pages = CommandTree.all.map { "./share/man/man1/\($0.path.joined(separator: "-")).1" }
        let documents = try FileManager.default.contentsOfDirectory(atPath: PackageRoot.file("docs"))
            .filter { $0.hasSuffix(".md") }.map { "./share/doc/bitim/\($0)" }
        #expect(documents.contains("./share/doc/bitim/lifecycle.md"))
        let others = [
            "./bin/bitim", "./share/bash-completion/completions/bitim", "./share/zsh/site-functions/_bitim",
            "./share/fish/vendor_completions.d/bitim.fish",
        ]
        #expect(
            Set(installed.standardOutput.split(separator: "\n").map(String.init)) == Set(pages + documents + others))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["root"])

        let program = scratch.file("root/opt/bitim/bin/bitim")
        #expect(try CommandRun.run(program, ["--version"], folder: scratch.path).status == 0)
        let bash = try String(
            contentsOfFile: scratch.file("root/opt/bitim/share/bash-completion/completions/bitim"), encoding: .utf8)
        #expect(bash.hasPrefix("#!/bin/bash"))
    }
}
