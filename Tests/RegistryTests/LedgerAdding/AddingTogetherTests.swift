import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog

/// Two who add at once: both are served, or one is told to wait.
@Suite struct AddingTogetherTests {
    @Test func `A second registrar is told that the registry is locked`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [1]))
        do {
            let registrar = try await copy.registrar()
            let states = try copy.signerStates()
            let error = await #expect(throws: RegistryError.self) { try await copy.registrar(patienceSeconds: 0) }
            #expect(error?.code == .conflict)
            #expect(error?.hint != nil)
            #expect(try copy.signerStates() == states)
            _ = try registrar.sign("B-1", copy.scratch)
            #expect(try await registrar.commit().head.size == 3)
        }
        try await copy.add(["B-2"])
        #expect(try await copy.audit().verdict == .passed)
    }

    @Test func `The program says with status 5 that the registry stays locked`() async throws {
        let folder = try CommandFolder()
        let arguments = try folder.adding("one", id: "B-1")
        let run = try CommandRun.run(
            "/usr/bin/flock", [folder.scratch.file("registry/state/lock"), CommandRun.program] + arguments,
            folder: folder.scratch.path)
        #expect(run.status == 5)
        #expect(run.standardError.contains("locked by another process"))
        #expect(try folder.list() == [])
        #expect(try folder.bitim(arguments).status == 0)
    }

    @Test(arguments: [true, false])
    func `Programs that add at once lose nothing`(withIDs: Bool) async throws {
        let folder = try CommandFolder()
        let count = 6
        let runs = try await withThrowingTaskGroup(of: (Int, CommandRun).self) { group in
            for number in 0..<count {
                let arguments = try folder.adding("title-\(number)", id: withIDs ? "B-\(number)" : nil)
                group.addTask {
                    // A thread of its own: the run blocks.
                    let run = try await withCheckedThrowingContinuation { continuation in
                        Thread.detachNewThread {
                            continuation.resume(with: Result { try folder.bitim(arguments) })
                        }
                    }
                    return (number, run)
                }
            }
            return try await group.reduce(into: [Int: CommandRun]()) { $0[$1.0] = $1.1 }
        }
        var acknowledged: [Int64: String] = [:]
        for (number, run) in runs {
            #expect(run.status == 0 || run.status == 5, "\(run.status): \(run.standardError)")
            guard run.status == 0 else { continue }
            let added = try #require(folder.answer(run).added.first)
            #expect(acknowledged.updateValue(added.agreement, forKey: added.index) == nil, "one index twice")
            if withIDs { #expect(added.agreement == "B-\(number)") }
        }
        #expect(acknowledged.count > 1)
        #expect(Set(acknowledged.values).count == acknowledged.count, "one id twice")
        #expect(try Set(folder.list()) == Set(acknowledged.values))
        let report = try await folder.audit()
        #expect(report.verdict == .passed, "\(report.faults)")
        #expect(report.entries == Int64(acknowledged.count) + 1)
    }
}
