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

    @Test func `There are transcripts`() {
        #expect(Transcript.all.count >= 5)
    }
}
