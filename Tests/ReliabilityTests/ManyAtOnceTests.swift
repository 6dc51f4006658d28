import Foundation
import Registry
import Support
import Synchronization
import Testing

/// Many processes on one registry: writers one after the other, readers at any time.
@Suite(.serialized) struct ManyAtOnceTests {
    private final class Shared: Sendable {
        struct State {
            var acknowledged: Set<String> = []
            var isOver = false
            var audits = 0
            var lists = 0
            var kills = 0
            var waits = 0
            var faults: [String] = []
        }
        let state = Mutex(State())

        var isOver: Bool { state.withLock { $0.isOver } }
        func fault(_ words: String) { state.withLock { $0.faults.append(words) } }
    }

    @Test(.hangLimit)
    func `Of 8 writers and 16 readers at once nobody loses, doubles or half sees an entry`() async throws {
        let folder = try ProgramFolder()
        let shared = Shared()
        let seconds = Campaign.isWhole ? 60.0 : 4.0
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask { try await Self.inThread { try Self.write(writer, folder, shared) } }
            }
            for reader in 0..<16 {
                group.addTask { try await Self.inThread { try Self.read(reader, folder, shared) } }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                shared.state.withLock { $0.isOver = true }
            }
            try await group.waitForAll()
        }
        let end = shared.state.withLock { $0 }
        #expect(end.faults == [])
        // The lock of whoever was killed is free: the next one gets it at once.
        try folder.run(["publish"])
        let report = try await folder.audit()
        #expect(report.verdict != .failed, "\(report.findings.prefix(5))")
        let strays = report.findings.filter { $0.key != "registry.file.unexpected" }
        #expect(strays.isEmpty, "\(strays)")
        let listed = try folder.run(["list", "--quiet"]).standardOutput.split(separator: "\n").map(String.init)
        #expect(Set(listed).count == listed.count)
        #expect(Set(listed).isSuperset(of: end.acknowledged))
        #expect(report.agreements == listed.count)
        #expect(end.acknowledged.count > 3 && end.audits > 3 && end.lists > 3 && end.kills > 0)
        print(
            "at once: \(end.acknowledged.count) agreements by 8 writers, of whom \(end.kills) were killed and \(end.waits) "
                + "had waited too long; \(end.lists) lists and \(end.audits) audits by 16 readers")
    }

    private static func inThread(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }

    private static func write(_ writer: Int, _ folder: ProgramFolder, _ shared: Shared) throws {
        var number = 0
        while !shared.isOver {
            number += 1
            let id = "W\(writer)-\(number)"
            try folder.write("the text of \(id)\n", to: "\(id).txt")
            let arguments = [
                "add", "\(id).txt", "--id", id, "--title", "en=\(id)", "--kind", "plan", "--sign", "KZ,UZ", "--yes",
                "-q",
            ]
            // The first writer dies at its work, again and again.
            if writer == 0 {
                let running = try RunningProgram(arguments, folder: folder.path)
                Thread.sleep(forTimeInterval: Double.random(in: 0.05...1.5))
                if running.isRunning { shared.state.withLock { $0.kills += 1 } }
                running.kill()
                continue
            }
            let run = try folder.run(arguments, status: nil)
            switch run.status {
            case 0: shared.state.withLock { _ = $0.acknowledged.insert(id) }
            // Ten seconds of patience are not enough where seven others wait, on a slow machine.
            case 5 where run.standardError.contains("another process"): shared.state.withLock { $0.waits += 1 }
            default: shared.fault("\(id): \(run.status) \(run.standardError)")
            }
        }
    }

    private static func read(_ reader: Int, _ folder: ProgramFolder, _ shared: Shared) throws {
        var seen: Set<String> = []
        while !shared.isOver {
            if reader.isMultiple(of: 4) {
                let run = try folder.run(["audit", "--quiet"], status: nil)
                // Not failed: what waits, or belongs to nothing yet, is undecided.
                if ![0, 3].contains(run.status) {
                    shared.fault("audit: \(run.status) \(run.standardOutput)\(run.standardError)")
                }
                shared.state.withLock { $0.audits += 1 }
                continue
            }
            let before = shared.state.withLock { $0.acknowledged }
            let run = try folder.run(["list", "--quiet"], status: nil)
            let listed = run.standardOutput.split(separator: "\n").map(String.init)
            if run.status != 0 { shared.fault("list: \(run.status) \(run.standardError)") }
            if !before.isSubset(of: listed) { shared.fault("a list lacks \(before.subtracting(listed))") }
            if !seen.isSubset(of: listed) {
                shared.fault("a list lacks what an earlier one had: \(seen.subtracting(listed))")
            }
            if Set(listed).count != listed.count { shared.fault("a list has an agreement twice") }
            seen.formUnion(listed)
            shared.state.withLock { $0.lists += 1 }
        }
    }
}
