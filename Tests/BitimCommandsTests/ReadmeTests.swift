import Foundation
import Support
import Testing

@Suite struct ReadmeTests {
    private static func blocks(after marker: String, fence: String) throws -> [String] {
        let text = try String(contentsOfFile: PackageRoot.file("README.md"), encoding: .utf8)
        let parts = text.components(separatedBy: marker).dropFirst()
        return parts.compactMap { part in
            guard let start = part.range(of: fence),
                let end = part.range(of: "\n```", range: start.upperBound..<part.endIndex)
            else { return nil }
            return String(part[start.upperBound..<end.lowerBound])
        }
    }

    private static var path: String {
        let programs = URL(fileURLWithPath: CommandRun.program).deletingLastPathComponent().path
        return "\(programs):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
    }

    @Test func `The commands for one's own agreement work as they stand`() throws {
        let scratch = ScratchFolder()
        try scratch.write("%PDF-1.4\n% a contract\n%%EOF\n", to: "contract.pdf")
        let blocks = try Self.blocks(after: "<!-- tested", fence: "```sh\n")
        #expect(blocks.count == 1)
        let run = try CommandRun.run(
            "/bin/sh", ["-e", "-c", blocks.joined(separator: "\n")], folder: scratch.path,
            environment: ["PATH": Self.path])
        #expect(run.status == 0, "\(run.standardOutput)\n\(run.standardError)")
        #expect(run.standardOutput.contains("contract.pdf: passed, document"))
        #expect(run.standardOutput.contains("verdict      passed"))
        #expect(run.standardError.contains("CAdES Verification successful"))
        let statement = try String(contentsOfFile: scratch.file("statement.json"), encoding: .utf8)
        let digest = try CommandRun.run("/usr/bin/sha256sum", ["contract.pdf"], folder: scratch.path)
        #expect(statement.contains("sha256:\(digest.standardOutput.prefix(64))"))
    }

    @Test func `The transcript at its head is what the program prints`() throws {
        let blocks = try Self.blocks(after: "# Bitim", fence: "```console\n")
        let lines = try #require(blocks.first).components(separatedBy: "\n")
        var steps: [(command: String, output: [String])] = []
        for line in lines {
            if line.hasPrefix("$ ") {
                steps.append((String(line.dropFirst(2)), []))
            } else {
                steps[steps.count - 1].output.append(line)
            }
        }
        #expect(steps.count == 3)
        for step in steps {
            let run = try CommandRun.run(
                "/bin/sh", ["-c", step.command], folder: PackageRoot.path, environment: ["PATH": Self.path])
            #expect(run.status == 0)
            if let mismatch = Transcript.mismatch(run.standardOutput, step.output) {
                Issue.record("\(step.command): \(mismatch)")
            }
        }
    }
}
