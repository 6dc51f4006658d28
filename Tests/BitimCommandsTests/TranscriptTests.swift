import Foundation
import Support
import Testing

@Suite struct TranscriptTests {
    @Test(arguments: Transcript.all)
    func `A transcript is what the program prints`(transcript: Transcript) throws {
        let scratch = ScratchFolder()
        for folder in ["registry", "keys", "examples"] {
            try FileManager.default.copyItem(atPath: PackageRoot.file(folder), toPath: scratch.file(folder))
        }
        let programs = URL(fileURLWithPath: CommandRun.program).deletingLastPathComponent().path
        let path = "\(programs):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
        #expect(!transcript.steps.isEmpty)
        for step in transcript.steps {
            // Passphrase files that others can read are warned about.
            let run = try CommandRun.run(
                "/bin/sh", ["-c", "umask 077; \(step.command)"], folder: scratch.path, environment: ["PATH": path])
            #expect(run.status == step.status, "\(step.command)\n\(run.standardError)")
            if let mismatch = Transcript.mismatch(run.standardOutput, step.output) {
                Issue.record("\(step.command): stdout: \(mismatch)")
            }
            if let mismatch = Transcript.mismatch(run.standardError, step.errors) {
                Issue.record("\(step.command): stderr: \(mismatch)")
            }
            for name in step.absent {
                #expect(!FileManager.default.fileExists(atPath: scratch.file(name)), "\(name) must not be there")
            }
        }
    }

    @Test func `What docs keys md says of one more witness is what is tested`() throws {
        let page = try String(contentsOfFile: PackageRoot.file("docs/keys.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "### One more witness, step by step\n").last)
        let body = try #require(section.components(separatedBy: "\n## ").first)
        let commands = body.split(separator: "\n").filter { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
        #expect(commands.count == 9)
        let tested = Transcript.all.first { $0.name == "second-witness.txt" }?.steps.map(\.command) ?? []
        for command in commands {
            #expect(tested.contains { $0.contains(command) }, "\(command)")
        }
    }

    @Test func `There are transcripts`() {
        #expect(Transcript.all.count >= 5)
    }
}
