import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// While a witness is away, everything waits and nothing is lost.
@Suite struct PendingTests {
    private static let key = "keys/private/UZ-witness.pem"

    /// A registry of three entries whose witness of UZ is away.
    private func away() async throws -> (copy: RegistryCopy, key: [UInt8]) {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2]))
        let key = try copy.scratchBytes(Self.key)
        try FileManager.default.removeItem(atPath: copy.scratch.file(Self.key))
        return (copy, key)
    }

    private func bring(_ key: [UInt8], to copy: RegistryCopy) throws {
        try copy.scratch.write(key, to: Self.key)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: copy.scratch.file(Self.key))
    }

    @Test func `What one witness has not cosigned is pending, and everyone is told so`() async throws {
        let (copy, _) = try await away()
        let before = try copy.bytes("ledger/checkpoint")
        let publishing = try await copy.add(["B-1", "B-2"])
        #expect(publishing.missing == ["UZ"])
        #expect(publishing.head.size == 5)
        #expect(try copy.bytes("ledger/checkpoint") == before)
        #expect(Files.kind(copy.path("checkpoints/005")) == nil)

        let report = try await copy.audit()
        #expect(report.verdict == .indeterminate)
        #expect(report.treeSize == 3)
        #expect(report.entries == 5)
        #expect(report.faults.map(\.key) == ["ledger.pending"])
        #expect(report.faults.first?.actual == "KZ")
        #expect(report.faults.first?.message.contains("missing UZ") == true)
    }

    @Test func `The program says what is pending, whom it waits for, and how it ends`() async throws {
        let folder = try CommandFolder()
        #expect(try folder.bitim(folder.adding("one", id: "A-1")).status == 0)
        let key = folder.scratch.file(Self.key)
        try FileManager.default.moveItem(atPath: key, toPath: folder.scratch.file("away.pem"))
        let added = try folder.bitim(folder.adding("two", id: "B-1"))
        #expect(added.status == 3)
        #expect(try folder.answer(added).state == "pending")
        let list = try folder.bitim(["list"])
        #expect(list.status == 0)
        #expect(list.standardError.contains("1 more entries are pending, and wait for UZ"))
        #expect(try folder.list() == ["A-1"])
        let audit = try folder.bitim(["audit"])
        #expect(audit.status == 3, "\(audit.standardOutput)")
        #expect(audit.standardOutput.contains("ledger.pending"))
        for command in ["publish", "cosign"] {
            let waiting = try folder.bitim([command])
            #expect(waiting.status == 3)
            #expect(waiting.standardOutput.contains("waiting for UZ"))
        }
        try FileManager.default.moveItem(atPath: folder.scratch.file("away.pem"), toPath: key)
        #expect(try folder.bitim(["publish"]).status == 0)
        #expect(try folder.list() == ["A-1", "B-1"])
        #expect(try folder.bitim(["audit"]).status == 0)
    }

    @Test func `Further entries extend the pending tree, and the returning witness completes it`() async throws {
        let (copy, key) = try await away()
        let reader = copy.registry.ledger
        var heads: [TreeHead] = []
        for id in ["B-1", "B-2", "B-3"] {
            let publishing = try await copy.add([id])
            #expect(publishing.missing == ["UZ"])
            heads.append(publishing.head)
            let report = try await copy.audit()
            #expect(report.faults.map(\.key) == ["ledger.pending"], "\(report.faults)")
        }
        #expect(heads.map(\.size) == [4, 5, 6])
        // Each is a prefix of the next.
        for head in heads {
            let root = try MerkleTree.root(size: head.size, from: reader.subtrees(size: 6))
            #expect(root == head.root)
        }
        try bring(key, to: copy)
        do {
            let registrar = try await copy.registrar()
            let publishing = try await registrar.publish()
            #expect(publishing.head == heads.last)
            #expect(publishing.missing == nil)
        }
        let report = try await copy.audit()
        #expect(report.verdict == .passed, "\(report.faults)")
        #expect(report.entries == 6)
        #expect(report.agreements == 5)
        #expect(Files.kind(copy.path("state/pending")) == nil)
        // What was never published is no size of this ledger.
        #expect(
            try copy.checkedFiles().filter { $0.hasPrefix("checkpoints/") }
                == ["001", "003", "006"].map { "checkpoints/\($0)" })
        #expect(try Files.names(in: copy.path("ledger/tile/0/000.p")) == ["1", "3", "6"])
    }

    @Test func `The returning witness completes everything when more is added at once`() async throws {
        let (copy, key) = try await away()
        try await copy.add(["B-1"])
        try bring(key, to: copy)
        let publishing = try await copy.add(["B-2"])
        #expect(publishing.missing == nil)
        #expect(publishing.head.size == 5)
        let report = try await copy.audit()
        #expect(report.verdict == .passed, "\(report.faults)")
        #expect(report.entries == 5)
    }

    @Test func `A pending tree grows across the end of a tile`() async throws {
        let (copy, key) = try await away()
        #expect(try await copy.add((0..<250).map { "B-\($0)" }).head.size == 253)
        #expect(try await copy.add((250..<260).map { "B-\($0)" }).head.size == 263)
        let pending = try await copy.audit()
        #expect(pending.faults.map(\.key) == ["ledger.pending"], "\(pending.faults)")
        try bring(key, to: copy)
        #expect(try await copy.registrar().publish().missing == nil)
        let report = try await copy.audit()
        #expect(report.verdict == .passed, "\(report.faults)")
        #expect(report.entries == 263)
    }

    @Test func `The same statement again while it is pending is the same entry`() async throws {
        let (copy, key) = try await away()
        try await copy.add(["B-1"])
        do {
            let registrar = try await copy.registrar()
            let again = try registrar.sign("B-1", copy.scratch)
            #expect(again.wasThere)
            #expect(again.index == 3)
            #expect(try await registrar.commit().missing == ["UZ"])
        }
        try bring(key, to: copy)
        _ = try await copy.registrar().publish()
        let report = try await copy.audit()
        #expect(report.verdict == .passed)
        #expect(report.entries == 4)
    }

    @Test func `A witness does not cosign a pending tree whose document was damaged meanwhile`() async throws {
        let (copy, key) = try await away()
        let documents = try copy.checkedFiles().filter { $0.hasPrefix("documents/") }
        try await copy.add(["B-1"])
        let new = try #require(
            Set(copy.checkedFiles().filter { $0.hasPrefix("documents/") }).subtracting(documents).first)
        try bring(key, to: copy)
        let bytes = try copy.bytes(new)
        for damaged in [nil, bytes + [0]] as [[UInt8]?] {
            if let damaged { try copy.put(new, damaged) } else { try copy.remove(new) }
            let states = try copy.signerStates()
            let error = await #expect(throws: RegistryError.self) {
                try await copy.registrar().cosign(parties: [ScratchRegistry.uz])
            }
            #expect(error?.code == .refused)
            #expect(error?.findings.contains { $0.path == new } == true)
            // Unasked for by name, it waits.
            #expect(try await copy.registrar().publish().missing == ["UZ"])
            #expect(try copy.signerStates() == states)
        }
        try copy.put(new, bytes)
        #expect(try await copy.registrar().publish().missing == nil)
        #expect(try await copy.audit().verdict == .passed)
    }

    @Test func `Partial tiles of a checkpoint that cannot be read stay when the pending tree grows`() async throws {
        let (copy, _) = try await away()
        let tile = "ledger/tile/0/000.p/1"
        try copy.put("checkpoints/001", Array("damaged\n".utf8))
        try await copy.add(["B-1"])
        try await copy.add(["B-2"])
        #expect(Files.kind(copy.path(tile)) == .regular)
    }

    @Test func `Another key in the witness's place does not cosign`() async throws {
        let (copy, _) = try await away()
        try bring(copy.scratchBytes("keys/private/KZ-witness.pem"), to: copy)
        try await copy.add(["B-1"])
        let error = await #expect(throws: RegistryError.self) {
            try await copy.registrar().cosign(parties: [ScratchRegistry.uz])
        }
        #expect(error?.message.contains("is not the key of witness UZ") == true)
        #expect(try await copy.audit().treeSize == 3)
    }

    @Test func `Both witnesses away is pending with both missing, from the first checkpoint on`() async throws {
        let registry = try ScratchRegistry()
        let folder = registry.scratch.file("keys/private")
        for party in ["KZ", "UZ"] {
            try FileManager.default.moveItem(
                atPath: "\(folder)/\(party)-witness.pem", toPath: registry.scratch.file("\(party).pem"))
        }
        try await registry.establish()
        #expect(Files.kind(registry.registry.fullPath("ledger/checkpoint")) == nil)
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate)
        #expect(report.faults.map(\.key) == ["ledger.pending"])
        // A statement names a published tree, and there is none.
        await #expect(throws: RegistryError.self) { try await registry.addBatch(["A-1"]) }
        for party in ["KZ", "UZ"] {
            try FileManager.default.moveItem(
                atPath: registry.scratch.file("\(party).pem"), toPath: "\(folder)/\(party)-witness.pem")
        }
        #expect(try await registry.registrar(patienceSeconds: 10).publish().missing == nil)
        let after = try await registry.audit()
        #expect(after.verdict == .passed, "\(after.faults)")
    }
}
