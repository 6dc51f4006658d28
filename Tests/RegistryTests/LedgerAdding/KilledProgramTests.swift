import Foundation
import Registry
import Support
import Testing
import TiledLog

/// A program that is killed at any moment loses nothing that it has acknowledged.
@Suite struct KilledProgramTests {
    @Test(.hangLimit, arguments: [false, true])
    func `What was acknowledged is there exactly once, whenever the program is killed`(isIndexed: Bool) async throws {
        let folder = try CommandFolder()
        let environment = isIndexed ? ["BITIM_TEST_INDEX_FROM": "1"] : [:]
        let rounds = 20
        var random = SeededGenerator(seed: 20_251_115)
        var longest = 0.15
        var acknowledged: Set<String> = []
        var killed = 0
        for round in 0..<rounds {
            let id = "K-\(round)"
            let arguments = try folder.adding(id, id: id)
            // Every third round tries again what may have been cut short.
            let again = try round % 3 == 2 ? folder.adding("K-\(round - 1)", id: "K-\(round - 1)") : nil
            for arguments in [again, arguments].compactMap({ $0 }) {
                let delay = longest * Double(random.next() % 1000) / 1000
                let start = ContinuousClock.now
                let (status, output) = try run(folder, arguments, environment, killedAfter: delay)
                if status == 0 {
                    let took = (ContinuousClock.now - start).components
                    longest = Double(took.seconds) + Double(took.attoseconds) / 1e18
                    acknowledged.insert(
                        try JSONDecoder().decode(CommandFolder.Answer.self, from: output).added[0].agreement)
                } else {
                    #expect(status == -SIGKILL, "status \(status)")
                    killed += 1
                }
            }
            // A reader is never misled, whatever lies about.
            let report = try await folder.audit()
            #expect(report.verdict != .failed, "\(report.faults)")
        }
        #expect(killed > 0)
        // Plain runs of the same commands.
        for round in 0..<rounds {
            let id = "K-\(round)"
            let wasAcknowledged = acknowledged.contains(id)
            let run = try folder.bitim(folder.adding(id, id: id))
            #expect(run.status == 0, "\(run.standardError)")
            let answer = try folder.answer(run)
            #expect(answer.state == "published")
            if wasAcknowledged { #expect(answer.added.map(\.wasThere) == [true], "\(id) was lost") }
        }
        let report = try await folder.audit()
        #expect(report.verdict == .passed, "\(report.faults)")
        #expect(report.entries == Int64(rounds + 1))
        #expect(report.agreements == rounds)
        #expect(try Set(folder.list()) == Set((0..<rounds).map { "K-\($0)" }))
        if isIndexed {
            // What a killed process left of an index misleads nobody.
            for round in 0..<rounds {
                let shown = try CommandRun.bitim(
                    ["show", "K-\(round)", "--json"], folder: folder.scratch.path, environment: environment)
                #expect(shown.status == 0, "\(shown.standardError)")
            }
        }
        #expect(try Files.names(in: folder.scratch.file("registry/state/temporary")) == [])
        #expect(try Files.names(in: folder.scratch.file("keys/private/temporary")) == [])
    }

    /// Returns the exit status, or minus the signal.
    private func run(
        _ folder: CommandFolder, _ arguments: [String], _ environment: [String: String], killedAfter delay: Double
    ) throws -> (Int32, Data) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandRun.program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.scratch.path)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = folder.scratch.file("output")
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        Thread.sleep(forTimeInterval: delay)
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        let status = process.terminationStatus
        return (
            process.terminationReason == .uncaughtSignal ? -status : status,
            try Data(contentsOf: URL(fileURLWithPath: output))
        )
    }
}
