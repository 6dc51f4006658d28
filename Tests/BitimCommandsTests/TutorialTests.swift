import Foundation
import Support
import Testing

private let one = String(repeating: "12345678", count: 8)
private let two = String(repeating: "9abcdef0", count: 8)

@Suite struct TutorialTests {
    @Test func `The tutorial can be followed from its first command to its last`() throws {
        let tutorial = try Tutorial.page()
        #expect(tutorial.steps.count > 60)
        let scratch = ScratchFolder()
        let programs = URL(fileURLWithPath: CommandRun.program).deletingLastPathComponent().path
        let path = "\(programs):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
        var values = Tutorial.Values()
        for step in tutorial.steps {
            // As on a terminal, messages and answers come in one stream.
            let run = try CommandRun.run(
                "/bin/sh", ["-c", "exec 2>&1\n\(step.command)"], folder: scratch.file(step.folder),
                environment: ["PATH": path])
            #expect(run.status == step.status, "\(step.folder)$ \(step.command)\n\(run.standardOutput)")
            if let mismatch = values.mismatch(run.standardOutput, step.output) {
                Issue.record("\(step.folder)$ \(step.command): \(mismatch)")
            }
        }
        // What the page is for: two machines, and on neither a private key of the other.
        for (machine, other) in [("acme", "BETA"), ("beta", "ACME")] {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: scratch.file("\(machine)/keys/private"))
            #expect(names.contains("\(machine.uppercased())-signer-1.pem"))
            #expect(!names.contains { $0.hasPrefix(other) })
        }
    }

    @Test(arguments: [
        // Page, run, whether they are the same.
        ("published: 2 entries", "published: 2 entries", true),
        ("published: 2 entries", "published: 3 entries", false),
        ("published: 2 entries, root …", "published: 2 entries, root x", true),
        ("published", "", false),
        ("", "published", false),
        ("one\n...\nfour", "one\ntwo\nthree\nfour", true),
        ("one\n...\nfour", "one\ntwo\nthree", false),
        ("at 2026-11-02T10:11:12Z", "at 2031-01-02T03:04:05Z", true),
        ("at 2026-11-02T10:11:12Z", "at noon", false),
        ("0a1b2c3d… 0a1b2c3d…", "\(one) \(one)", true),
        ("0a1b2c3d… 0a1b2c3d…", "\(one) \(two)", false),
        ("0a1b2c3d… 4e5f6a7b…", "\(one) \(two)", true),
        ("0a1b2c3d… 4e5f6a7b…", "\(one) \(one)", false),
        ("0a1b2c3d…\n\(two)", "\(one)\n\(two)", true),
        ("0a1b2c3d…\n\(two)", "\(one)\n\(one)", false),
        ("0a1b 2c3d 4e5f 6a7b …", "0000 1111 2222 3333 4444 5555 6666 7777", true),
        ("0a1b 2c3d 4e5f 6a7b …", "0000 1111 2222 3333", false),
    ])
    func `What a page says is held against a run`(page: String, run: String, same: Bool) {
        var values = Tutorial.Values()
        let mismatch = values.mismatch(run, page.isEmpty ? [] : page.components(separatedBy: "\n"))
        #expect((mismatch == nil) == same, "\(mismatch ?? "no mismatch")")
    }
}
