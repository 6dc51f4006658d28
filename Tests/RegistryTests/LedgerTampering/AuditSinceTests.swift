import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// An audit that goes on from a checkpoint that the auditor kept.
@Suite struct AuditSinceTests {
    private func audit(_ copy: RegistryCopy, since kept: [UInt8]) async throws -> AuditReport {
        try await Audit(registry: copy.registry, keys: copy.keys, now: copy.now).run(since: kept)
    }

    @Test func `It passes against every earlier checkpoint, and judges what came after`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [1, 2, 3, 1]))
        let full = try await copy.audit()
        #expect(full.since == nil)
        for size in [1, 2, 4, 7, 8] {
            let path = try #require(CheckpointPath(size: Int64(size))).path
            let report = try await audit(copy, since: copy.bytes(path))
            #expect(report.verdict == .passed, "\(report.findings)")
            #expect(report.since??.size == Int64(size))
            #expect(report.since??.checked == Int64(8 - size))
            #expect(report.entries == 8)
            #expect(report.signatures == 2 * (8 - size))
            #expect(report.documents.present == 8 - max(size, 1))
            #expect(report.agreements == full.agreements)
        }
    }

    @Test func `The member is there when it was asked for, and null when the checkpoint does not hold`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [1]))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        func text(_ report: AuditReport) throws -> String {
            String(decoding: try encoder.encode(report), as: UTF8.self)
        }
        #expect(try text(await copy.audit()).contains("since") == false)
        let kept = try copy.bytes("checkpoints/001")
        #expect(
            try text(await audit(copy, since: kept)).contains("\"since\":{\"checked\":1,\"fromIndex\":[],\"root\":\""))
        #expect(try text(await audit(copy, since: [])).contains("\"since\":null"))
    }

    @Test func `What is wrong after the checkpoint is found, and an entry before it is read all the same`() async throws
    {
        let registry = try await ScratchRegistry.filled(batches: [2, 2])
        let kept = try RegistryCopy(of: registry).bytes("checkpoints/005")
        let leaf = try await registry.leaf(
            content: registry.patientStatement("X-1").canonicalBytes, signers: [registry.signer("KZ")])
        try await registry.putByHand([leaf])
        // A second registration of an id from before the checkpoint: the rules know it.
        let again = try await registry.leaf(
            content: registry.patientStatement("A-1", title: "Another").canonicalBytes,
            signers: [registry.signer("KZ"), registry.signer("UZ")])
        try await registry.putByHand([again])
        let copy = try RegistryCopy(of: registry)
        let report = try await audit(copy, since: kept)
        #expect(report.verdict == .failed)
        #expect(report.faults.map(\.key) == ["entry.signers.missing", "agreement.id.used"])
        #expect(report.faults.map(\.entry) == [5, 6])
        // Its bytes are under the root that was kept, whatever is not verified again.
        let bundle = "ledger/tile/entries/000.p/7"
        var bytes = try copy.bytes(bundle)
        bytes[bytes.count / 4] ^= 1
        try copy.put(bundle, bytes)
        let damaged = try await audit(copy, since: kept)
        #expect(damaged.faults.contains { $0.key == "entry.mismatch" && $0.entry ?? 9 < 5 }, "\(damaged.faults)")
    }

    @Test func `A changed document is found when its entry is new`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1, 1])
        let copy = try RegistryCopy(of: registry)
        let digest = ContentDigest.of(Array("The text of A-1.\n".utf8))
        try copy.put(RegistryFolder.documentName(digest), Array("something else".utf8))
        #expect(try await audit(copy, since: copy.bytes("checkpoints/002")).faults.map(\.key) == ["document.mismatch"])
        // It was looked at with its entry.
        #expect(try await audit(copy, since: copy.bytes("checkpoints/003")).verdict == .passed)
    }

    @Test func `A ledger that shrank fails and says so`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2])
        let older = try RegistryCopy(of: registry)
        try await registry.addBatch(["B-1"])
        let kept = try RegistryCopy(of: registry).bytes("ledger/checkpoint")
        let report = try await audit(older, since: kept)
        #expect(report.verdict == .failed)
        #expect(report.faults.map(\.key) == ["since.shrunk"])
        // Everything was checked, for nothing was proved to have been checked before.
        #expect(report.since != nil && report.since??.size == nil)
        #expect(report.signatures == 6)
    }

    /// At every size, those included whose root is a node of every larger tree.
    @Test(arguments: [1, 2, 3, 4, 5, 6])
    func `A forked ledger fails and says so`(size: Int64) async throws {
        let registry = try await ScratchRegistry.filled(batches: [1, 1, 1, 1, 1])
        let copy = try RegistryCopy(of: registry)
        let kept = try copy.note(TreeHead(size: size, root: MerkleTree.leafHash([9])))
        let report = try await audit(copy, since: kept)
        #expect(report.verdict == .failed)
        #expect(report.faults.map(\.key) == ["since.forked"])
        #expect(report.faults.first?.expected == MerkleTree.leafHash([9]).hex)
    }

    @Test func `A checkpoint of the other branch fails, where both branches were signed with all keys`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2])
        let branch = try RegistryCopy(of: registry)
        try await branch.add(["B-1", "B-2"])
        try await registry.addBatch(["C-1"])
        try await registry.addBatch(["C-2", "C-3"])
        let report = try await audit(RegistryCopy(of: registry), since: branch.bytes("ledger/checkpoint"))
        #expect(report.faults.map(\.key) == ["since.forked"])
        // What both have in common is no contradiction.
        #expect(try await audit(branch, since: RegistryCopy(of: registry).bytes("checkpoints/003")).verdict == .passed)
    }

    @Test func `Another origin's, a foreign and an unsigned checkpoint are told apart`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2])
        let copy = try RegistryCopy(of: registry)
        let head = try OpenedLedger.open(registry: copy.registry, keys: copy.keys).publishedHead
        let sameOrigin = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2]))
        for (kept, key) in [
            (try copy.note(head, origin: "test.example/another"), "since.origin"),
            (try sameOrigin.bytes("ledger/checkpoint"), "since.signature"),
            (try copy.note(head, log: false), "since.signature"),
            (try copy.note(head, witnesses: ["KZ"]), "since.quorum"),
            (try copy.note(.empty), "since.malformed"), ([], "since.malformed"),
            (try copy.bytes("ledger/checkpoint") + [0x0A], "since.malformed"),
        ] as [([UInt8], String)] {
            let report = try await audit(copy, since: kept)
            #expect(report.verdict == .failed)
            #expect(report.faults.map(\.key) == [key], "\(report.faults)")
        }
    }

    @Test func `No changed byte of a kept checkpoint passes`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [1]))
        let kept = try copy.bytes("ledger/checkpoint")
        for position in stride(from: 0, to: kept.count, by: 9) {
            var changed = kept
            changed[position] ^= 1
            let report = try await audit(copy, since: changed)
            #expect(report.verdict == .failed, "byte \(position)")
            #expect(report.faults.allSatisfy { $0.key.hasPrefix("since.") })
        }
    }

    @Test func `Damaged tiles are damage, and not called a fork`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [1, 1, 1]))
        var bytes = try copy.bytes("ledger/tile/0/000.p/4")
        bytes[40] ^= 1
        try copy.put("ledger/tile/0/000.p/4", bytes)
        let report = try await audit(copy, since: copy.bytes("checkpoints/003"))
        #expect(report.verdict == .failed)
        #expect(report.faults.contains { $0.key == "since.unproved" })
        #expect(!report.faults.contains { $0.key == "since.forked" })
    }
}
