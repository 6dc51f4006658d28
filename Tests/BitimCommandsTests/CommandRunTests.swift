import Foundation
import Support
import Testing

/// What all tests run programs with.
@Suite struct CommandRunTests {
    @Test(.hangLimit)
    func `A program that hangs is killed with all that it has started, and it is said`() throws {
        let scratch = ScratchFolder()
        let script = "echo begun >&2; sleep 1000 & echo $! > child; wait"
        let hung = #expect(throws: CommandRun.Hung.self) {
            try CommandRun.run("/bin/sh", ["-c", script], folder: scratch.path, patienceSeconds: 2)
        }
        #expect("\(try #require(hung))" == "still running after 2 seconds, and killed: /bin/sh -c \(script): begun\n")
        let text = try String(contentsOfFile: scratch.file("child"), encoding: .utf8)
        let child = try #require(Int32(text.trimmingCharacters(in: .newlines)))
        // Whoever inherits it may take a moment to collect it, or never does: dead it is at once.
        let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
        #expect(state.map { $0.contains(") Z ") } ?? true, "\(state ?? "")")
        #expect(try CommandRun.run("/bin/sh", ["-c", "kill -9 $$"], folder: scratch.path).status == -9)
    }
}
