import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog

/// Signed by the log, and not registered: what is told of it must never be taken for a proof.
@Suite struct PendingProofTests {
    private static let witnessKey = "keys/private/UZ-witness.pem"

    private func away() async throws -> ScratchRegistry {
        let registry = try await ScratchRegistry.filled(batches: [2])
        try FileManager.default.moveItem(
            atPath: registry.scratch.file(Self.witnessKey), toPath: registry.scratch.file("away.pem"))
        #expect(try await registry.addBatch(["B-1", "B-2"]).missing == ["UZ"])
        return registry
    }

    @Test func `A pending entry is told of as what it is, naming who has cosigned`() async throws {
        let registry = try await away()
        let folder = try OfflineFolder(registry)
        for subject in [Proving.Subject.index(4), .agreement(AgreementID("B-2")!)] {
            let told = try await registry.proving.provePending(subject)
            #expect(told.judged.index == 4)
            #expect(told.verdict == .indeterminate)
            #expect(told.cosigned == ["KZ"])
            #expect(told.missing == ["UZ"])
            #expect(told.proofExtension == "pending-proof")
            #expect(String(decoding: told.proof, as: UTF8.self).hasPrefix("bitim-pending-proof@v1\nindex 4\n"))
            let report = try await folder.verify(told)
            #expect(report.verdict == .indeterminate)
            #expect(report.targets.first?.kind == "pending-proof")
            #expect(report.keys == ["ledger.pending"])
            #expect(report.targets.first?.findings.first?.actual == "KZ")
            #expect(report.targets.first?.findings.first?.message.contains("missing UZ") == true)
        }
    }

    @Test func `Under the first line of a proof it fails, and what is published is not pending`() async throws {
        let registry = try await away()
        let folder = try OfflineFolder(registry)
        let told = try await registry.proving.provePending(.index(3))
        let disguised = String(decoding: told.proof, as: UTF8.self)
            .replacing("bitim-pending-proof@v1", with: "c2sp.org/tlog-proof@v1")
        let report = try await folder.verify(Array(disguised.utf8), told.exported)
        #expect(report.verdict == .failed)
        #expect(report.keys == ["checkpoint.quorum.missing"])
        #expect(await refusal { _ = try await registry.proving.provePending(.index(2)) } == .refused)
        #expect(await refusal { _ = try await registry.proving.prove(.index(3)) } == .unavailable)
        #expect(await refusal { _ = try await registry.proving.prove(.agreement(AgreementID("B-1")!)) } == .unavailable)
    }

    @Test func `Every changed byte of it is at most indeterminate`() async throws {
        let registry = try await away()
        let folder = try OfflineFolder(registry)
        let told = try await registry.proving.provePending(.index(3))
        for position in stride(from: 0, to: told.proof.count, by: 13) {
            var changed = told.proof
            changed[position] ^= 1
            guard let report = try? await folder.verify(changed, told.exported) else { continue }
            #expect(report.verdict == .failed, "byte \(position)")
        }
    }

    @Test func `When the quorum has cosigned there is a proof`() async throws {
        let registry = try await away()
        try FileManager.default.moveItem(
            atPath: registry.scratch.file("away.pem"), toPath: registry.scratch.file(Self.witnessKey))
        _ = try await Registrar.open(
            registry: registry.registry, keys: registry.keys, vault: registry.vault(),
            now: { ScratchRegistry.start + 99 },
            purpose: .completing
        ).publish()
        let proved = try await registry.proving.prove(.index(4))
        #expect(try await OfflineFolder(registry).verify(proved).verdict == .passed)
        #expect(await refusal { _ = try await registry.proving.provePending(.index(4)) } == .unavailable)
    }
}
