import Agreements
import Registry
import Support
import Testing
import TiledLog

/// Proofs and `keys/` of different times, on both sides of a change of the keys of checkpoints.
@Suite struct OlderKeysProofTests {
    private func rotate(_ kind: String, _ registry: ScratchRegistry) async throws {
        try await registry.change(
            kind == "log" ? try registry.rotation().log() : try registry.rotation().witness(of: ScratchRegistry.uz))
    }

    @Test(arguments: ["log", "witness"])
    func `A proof that is newer than keys fails, and it is said how to bring them up to date`(
        _ kind: String
    ) async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let folder = try OfflineFolder(registry)
        try await rotate(kind, registry)
        try await registry.add("KZ-UZ-2")
        let proved = try await registry.proving.prove(.index(3))
        let report = try await folder.verify(proved)
        #expect(report.verdict == .failed)
        let finding = try #require(report.targets.flatMap(\.findings).first { $0.key.hasPrefix("checkpoint.") })
        #expect(finding.path == "keys/policy")
        #expect(finding.message.contains("'bitim keys update'"), "\(finding.message)")
        #expect(finding.message.contains("may be older than the proof"), "\(finding.message)")
        // What is said to do helps.
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: folder.keys)
        _ = try KeysUpdate(ledger).write()
        #expect(try await folder.verify(proved).verdict == .passed)
    }

    @Test func `A proof that is older than keys is held against the policy of its time, and gets no such hint`()
        async throws
    {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let old = try await registry.proving.prove(.index(1))
        try await rotate("log", registry)
        let folder = try OfflineFolder(registry)
        #expect(try await folder.verify(old).verdict == .passed)
        let text = try #require(String(validating: old.proof, as: UTF8.self))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let forged = Array(lines.filter { !$0.hasPrefix("— test.example/registry ") }.joined(separator: "\n").utf8)
        let report = try await folder.verify(forged, old.exported)
        let finding = try #require(report.targets.flatMap(\.findings).first { $0.key.hasPrefix("checkpoint.") })
        #expect(!finding.message.contains("'bitim keys update'"), "\(finding.message)")
    }
}
