import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// Every file-system call of a mirror and of a witness may fail, or be its last.
@Suite(.serialized) struct NetworkFaultTests {
    @Test(.hangLimit)
    func `Whatever call of a mirror fails, the copy is whole, and the next run completes it`() async throws {
        let capitals = try TwoCapitals()
        let (folder, arguments) = try await capitals.copyThatIsBehind()
        var plainCalls: [FileCall] = []
        let tally = try await FaultCampaign(step: Campaign.isWhole ? 1 : 200).run {
            let plain = try FaultedRun(arguments, folder: folder.path)
            try #require(plain.run.status == 0, "\(plain.run.standardError)")
            plainCalls = plain.calls
            return plainCalls
        } inject: { fault in
            try folder.restore()
            let faulted = try FaultedRun(arguments, folder: folder.path, fault: fault)
            let place = "mirror: \(fault)"
            let isDone = faulted.run.status == 0
            #expect(faulted.wrongEnding(after: fault, plain: plainCalls) == nil, "\(place)")
            let left = try await folder.audit("copy")
            #expect(left.verdict != .failed, "\(place): \(left.findings)")
            #expect(left.treeSize == 4 || !isDone && left.treeSize == 2, "\(place): \(left.treeSize)")
            let again = try CommandRun.bitim(arguments, folder: folder.path)
            #expect(again.status == 0, "\(place): \(again.standardError)")
            let after = try await folder.audit("copy")
            #expect(after.verdict == .passed && after.treeSize == 4, "\(place): \(after.findings)")
            #expect(Files.kind("\(folder.path)/copy/state/incoming") == nil, "\(place)")
            return (isDone ? .wentOn : .failed, faulted.calls)
        }
        print("faults: mirror: \(tally.words)")
        for unmet in tally.unmet { print("faults: mirror: not met: \(unmet)") }
        #expect(tally.failed > 0)
        #expect(tally.unmet.isEmpty)
        capitals.stopServing()
    }

    @Test(.hangLimit)
    func `Whatever call of a witness fails, it signs one history, and cosigns when it is well again`() async throws {
        try await failWitness(step: Campaign.isWhole ? 1 : 280) { _ in true }
    }

    @Test(.hangLimit)
    func `Whatever call fails that writes a witness's memory, it cosigns nothing that is not remembered`()
        async throws
    {
        try await failWitness(step: 1) { call in
            call.path.hasPrefix("keys/private") && (call.makesLast || call.path.hasSuffix("temporary/*"))
        }
    }

    /// - Parameters:
    ///   - step: of how many calls one is taken.
    ///   - isTried: which are among them.
    private func failWitness(step: Int, where isTried: (FileCall) -> Bool) async throws {
        let capitals = try TwoCapitals()
        // One that fails is enough.
        let witnessed = try await capitals.witnessThatHasCosigned()
        capitals.stopServing()
        let operated = try KeptFolder(capitals.scratch.file("op"))
        try operated.keep()
        let log = capitals.scratch.file("KZ.calls")
        var plainCalls: [FileCall] = []
        func run(_ fault: Fault?) async throws -> (CommandRun, [FileCall], wrongEnding: String?) {
            for folder in [operated, witnessed] { try folder.restore() }
            try? FileManager.default.removeItem(atPath: log)
            try await capitals.serve()
            // It may not even come to listen.
            try? await capitals.startWitness(
                "KZ", environment: Fault.environment(fault, folder: witnessed.path, log: log))
            let run = try await TwoCapitals.offThread { try capitals.add("NEW", "--witness-timeout", "5") }
            let witness = try #require(capitals.witnesses["KZ"])
            let calls = Fault.calls(in: log)
            let wrongEnding =
                if !witness.isRunning {
                    fault.map { $0.wrongFailure(witness.terminate(), told: witness.log) }
                        ?? "it has ended: \(witness.log)"
                } else if try Self.cosignedHead(capitals, "\(fault, default: "no fault")")?.size == 3 {
                    // What failed was done again; of a look that failed, and is told, the memory alone is missing.
                    calls.wrongLack(of: Self.hasToldOfLook(witness) ? Self.withOneLookLess(plainCalls) : plainCalls)
                } else {
                    // To the log that asked, it has said what it thinks of the entries.
                    ["not cosigned", "\"verdict\":\"failed\"", "\"verdict\":\"indeterminate\""]
                        .contains(where: witness.log.contains) ? nil : "it has not said why: \(witness.log)"
                }
            capitals.killWitness("KZ")
            return (run, calls, wrongEnding)
        }
        let tally = try await FaultCampaign(step: step).run {
            let (run, calls, wrongEnding) = try await run(nil)
            try #require(run.status == 0 && wrongEnding == nil, "\(run.standardError)")
            plainCalls = calls
            return calls.filter(isTried)
        } inject: { fault in
            let (faulted, calls, wrongEnding) = try await run(fault)
            let place = "witness: \(fault)"
            #expect(wrongEnding == nil, "\(place)")
            _ = try Self.cosignedHead(capitals, place)
            let left = try await witnessed.audit("registry")
            #expect(left.verdict != .failed, "\(place): \(left.findings)")
            // Well again: what the log has signed is cosigned, and what it has not is added now.
            try await capitals.startWitness("KZ")
            let again = try await TwoCapitals.offThread { try capitals.add("NEW", "--witness-timeout", "20") }
            #expect(again.status == 0, "\(place): \(faulted.status) \(faulted.standardError); \(again.standardError)")
            let after = try await operated.audit("registry")
            #expect(after.verdict == .passed && after.treeSize == 3, "\(place): \(after.findings)")
            #expect(try Self.cosignedHead(capitals, place)?.size == 3, "\(place)")
            capitals.killWitness("KZ")
            return (faulted.status == 0 ? .wentOn : .failed, calls)
        }
        print("faults: witness: \(tally.words)")
        for unmet in tally.unmet { print("faults: witness: not met: \(unmet)") }
        #expect(tally.failed > 0)
        #expect(tally.unmet.isEmpty)
        capitals.stopServing()
    }

    @Test(.hangLimit) func `A fetched checkpoint that cannot be read at the moment is not lacking in the copy`()
        async throws
    {
        let capitals = try TwoCapitals()
        let witnessed = try await capitals.witnessThatHasCosigned()
        let path = try #require(CheckpointPath(size: 2)?.path)
        func follow(_ fault: Fault? = nil) async throws -> [FileCall] {
            let log = capitals.scratch.file("KZ.calls")
            try? FileManager.default.removeItem(atPath: log)
            try await capitals.startWitness(
                "KZ", environment: Fault.environment(fault, folder: witnessed.path, log: log))
            let witness = try #require(capitals.witnesses["KZ"])
            for _ in 0..<1_000 {
                let isCurrent = Fault.calls(in: log).contains { $0.description == "rename registry/ledger/checkpoint" }
                if isCurrent || witness.log.contains("not brought up to date") { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            capitals.killWitness("KZ")
            return Fault.calls(in: log)
        }
        let call = try #require(
            try await follow().first { $0.description == "open registry/state/incoming/\(path)" },
            "it fetches the checkpoint")
        try witnessed.restore()
        // It is opened first to be written, then to be read.
        let calls = try await follow(Fault(.inputOutput, at: call, number: 2))
        #expect(calls.contains { $0.meetsFault && $0.description == call.description })
        _ = try await follow()
        #expect(Files.kind("\(witnessed.path)/registry/\(path)") == .regular)
        let report = try await witnessed.audit("registry")
        #expect(report.treeSize == 2)
        capitals.stopServing()
    }

    /// Whether it says that it could not look at what is published, or at entries before they are signed.
    private static func hasToldOfLook(_ witness: RunningProgram) -> Bool {
        ["not brought up to date", "\"asked\":\"check-entries\""].contains { witness.log.contains($0) }
    }

    /// Without what keeps the memory of a look.
    private static func withOneLookLess(_ calls: [FileCall]) -> [FileCall] {
        var calls = calls
        for name in ["fsync registry/state/temporary/*", "rename registry/state/mirror", "fsync registry/state"] {
            if let index = calls.lastIndex(where: { $0.description == name }) { calls.remove(at: index) }
        }
        return calls
    }

    /// The last tree of the log with a cosignature of KZ's witness, which has to remember that it gave it away.
    private static func cosignedHead(_ capitals: TwoCapitals, _ place: String) throws -> TreeHead? {
        let keys = KeysFolder(path: capitals.scratch.file("KZ/keys"))
        let party = try #require(PartyID("KZ"))
        let key = try VerifierKey(parsing: #require(try keys.witnessKey(party)))
        let memory = try SignerState(keys, signer: .witness(party)).head(origin: TwoCapitals.origin)
        let registry = RegistryFolder(path: capitals.scratch.file("op/registry"))
        var (shown, cosigned): (Set<TreeHead>, TreeHead?) = ([], nil)
        for name in [RegistryFolder.checkpointName, RegistryFolder.pendingName] {
            guard Files.kind(registry.fullPath(name)) != nil else { continue }
            let note = try SignedNote(
                parsing: Files.read(registry.fullPath(name), maximumBytes: SignedNote.maximumByteCount))
            let checkpoint = try Checkpoint(parsing: note.text)
            let head = TreeHead(size: checkpoint.size, root: checkpoint.root)
            shown.insert(head)
            if note.signatures.contains(where: { $0.names(key) }) { cosigned = head }
        }
        #expect(shown.contains(memory), "\(place): it remembers what the log has not signed: \(memory)")
        let cosignedSize = cosigned?.size ?? 0
        #expect(memory.size >= cosignedSize, "\(place): it has forgotten that it cosigned \(cosignedSize)")
        return cosigned
    }
}
