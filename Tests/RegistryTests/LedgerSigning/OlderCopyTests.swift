import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// No signer of trees ever signs two histories, whatever older copies somebody puts back.
@Suite struct OlderCopyTests {
    /// A registry to which was added after `older` was put aside.
    private func grown() async throws -> (older: RegistryCopy, copy: RegistryCopy) {
        let registry = try await ScratchRegistry.filled(batches: [2, 3])
        let older = try RegistryCopy(of: registry)
        let copy = try RegistryCopy(of: registry)
        try await copy.add(["B-1", "B-2"])
        #expect(try await copy.audit().verdict == .passed)
        return (older, copy)
    }

    private func restore(_ names: [String], from older: RegistryCopy, to copy: RegistryCopy) throws {
        for name in names {
            try FileManager.default.removeItem(atPath: copy.scratch.file(name))
            try FileManager.default.copyItem(atPath: older.scratch.file(name), toPath: copy.scratch.file(name))
        }
    }

    /// Nothing opens, and nothing is signed.
    private func expectRefused(_ copy: RegistryCopy, saying words: [String]) async throws {
        let states = try copy.signerStates()
        let error = await #expect(throws: RegistryError.self) { try await copy.registrar() }
        #expect(error?.code == .refused)
        #expect(error?.hint.isEmpty == false)
        for word in words { #expect(error?.message.contains(word) == true, "\(error?.message ?? "")") }
        #expect(try copy.signerStates() == states)
    }

    @Test func `A registry restored from an older copy is not added to: the log remembers`() async throws {
        let (older, copy) = try await grown()
        try restore(["registry"], from: older, to: copy)
        try await expectRefused(copy, saying: ["the log has signed 8 entries", "only 6"])
        // The newer copy back in its place, everything goes on.
        let (_, newer) = try await grown()
        try await newer.add(["C-1"])
        #expect(try await newer.audit().verdict == .passed)
    }

    @Test func `A registry and the log's memory restored from an older copy are not added to: a witness remembers`()
        async throws
    {
        let (older, copy) = try await grown()
        try restore(["registry", "keys/private/log.state"], from: older, to: copy)
        try await expectRefused(copy, saying: ["witness KZ", "8 entries"])
    }

    /// Without what was added since being removed, as `cp -a backup/. .` does it.
    private func layOver(_ older: RegistryCopy, _ copy: RegistryCopy) throws {
        let run = try CommandRun.run("/bin/cp", ["-a", "\(older.scratch.path)/.", copy.scratch.path], folder: "/")
        try #require(run.status == 0, "\(run.standardError)")
    }

    @Test func `A backup laid over a registry, memories and all, makes no second history, and a repair takes it back`()
        async throws
    {
        let (older, copy) = try await grown()
        let newer = try copy.bytes("ledger/tile/entries/000.p/8")
        try layOver(older, copy)
        try await expectRefused(copy, saying: ["checkpoints/008", "6 entries"])
        #expect(try copy.bytes("ledger/tile/entries/000.p/8") == newer)
        let report = try await copy.repair()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.treeSize == 8)
        #expect(report.mended.map(\.path) == ["ledger/checkpoint"])
        // The memories are older still, and say so.
        try await expectRefused(copy, saying: ["the log remembers 6", "has 8"])
        let head = try OpenedLedger.open(registry: copy.registry, keys: copy.keys).publishedHead
        for signer in [.log, .witness(PartyID("KZ")!), .witness(PartyID("UZ")!)] as [SignerState.Signer] {
            try SignerState.resume(copy.keys, signer: signer, origin: "test.example/registry", head: head)
        }
        try await copy.add(["C-1"])
        #expect(try await copy.audit().verdict == .passed)
    }

    @Test func `What only another copy has of the newer tree is taken from there`() async throws {
        let (older, copy) = try await grown()
        let whole = try RegistryCopy(of: copy.scratch.path, now: copy.now)
        try layOver(older, copy)
        for name in ["ledger/tile/entries/000.p/8", "ledger/tile/0/000.p/8"] { try copy.remove(name) }
        #expect(try await copy.repair().verdict == .failed)
        let report = try await copy.repair(from: whole.registry)
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.treeSize == 8)
    }

    @Test func `Checkpoints of two histories are both kept`() async throws {
        let (older, copy) = try await grown()
        try await older.add(["X-1"])
        for name in ["ledger/checkpoint", "checkpoints/007"] {
            try copy.put(name, try older.bytes(name))
        }
        let before = try copy.checkedFiles().map { try copy.bytes($0) }
        let error = await #expect(throws: RegistryError.self) { try await copy.repair() }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("two histories") == true, "\(error?.message ?? "")")
        #expect(try copy.checkedFiles().map { try copy.bytes($0) } == before)
    }

    @Test(arguments: ["KZ", "UZ"])
    func `One witness that remembers is enough`(party: String) async throws {
        let (older, copy) = try await grown()
        let other = party == "KZ" ? "UZ" : "KZ"
        try restore(
            ["registry", "keys/private/log.state", "keys/private/\(other)-witness.state"], from: older, to: copy)
        try await expectRefused(copy, saying: ["witness \(party)", "8 entries"])
    }

    @Test func `Another history of the size that was signed is not added to`() async throws {
        let (older, copy) = try await grown()
        try await older.add(["X-1", "X-2"])
        // Sound in itself: only who has signed the first one can tell.
        #expect(try await older.audit().verdict == .passed)
        try restore(["registry"], from: older, to: copy)
        try await expectRefused(copy, saying: ["another tree of 8 entries"])
        try restore(["keys/private/log.state"], from: older, to: copy)
        try await expectRefused(copy, saying: ["witness KZ"])
    }

    @Test func `A larger history than the one that was signed is not added to`() async throws {
        let (older, copy) = try await grown()
        try await older.add(["X-1", "X-2", "X-3"])
        try restore(["registry"], from: older, to: copy)
        try await expectRefused(copy, saying: ["the log remembers 8", "has 9"])
        try restore(["keys/private/log.state"], from: older, to: copy)
        try await expectRefused(copy, saying: ["witness KZ"])
    }

    @Test(arguments: ["KZ", "UZ"])
    func `A witness whose memory lies behind what it has cosigned signs nothing until it is resumed`(
        party: String
    ) async throws {
        let (older, copy) = try await grown()
        try restore(["keys/private/\(party)-witness.state"], from: older, to: copy)
        try await expectRefused(copy, saying: ["witness \(party)"])
        let ledger = try OpenedLedger.open(registry: copy.registry, keys: copy.keys)
        try SignerState.resume(
            copy.keys, signer: .witness(PartyID(party)!), origin: "test.example/registry", head: ledger.publishedHead)
        try await copy.add(["C-1"])
        #expect(try await copy.audit().verdict == .passed)
    }

    /// Each copy has a lock of its own; what the signers remember is under one more.
    @Test func `Two copies that are open at once do not both sign`() async throws {
        let (_, copy) = try await grown()
        let twin = try RegistryCopy(of: copy.scratch.path, now: copy.now)
        let states: [String: [UInt8]]
        do {
            let registrar = try await copy.registrar()
            let error = await #expect(throws: RegistryError.self) {
                try await Registrar.open(
                    registry: twin.registry, keys: copy.keys, vault: copy.vault(), now: { copy.now },
                    patienceSeconds: 0)
            }
            #expect(error?.code == .conflict)
            _ = try registrar.sign("C-1", copy.scratch)
            _ = try await registrar.commit()
            states = try copy.signerStates()
        }
        // Afterwards the copy is an older one.
        let error = await #expect(throws: RegistryError.self) {
            try await Registrar.open(registry: twin.registry, keys: copy.keys, vault: copy.vault(), now: { copy.now })
        }
        #expect(error?.code == .refused)
        #expect(try copy.signerStates() == states)
        #expect(Files.kind(twin.path("state/pending")) == nil)
    }

    @Test func `The log signs only what continues the tree that it signed last`() async throws {
        let registry = try await ScratchRegistry.established()
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        let signing = CheckpointSigning(
            registry: registry.registry, keys: registry.keys, vault: registry.vault(),
            constitution: ledger.constitution,
            policy: ledger.policy)
        let rival = TreeHead(size: 5, root: ledger.publishedHead.root)
        let error = #expect(throws: RegistryError.self) { try signing.signAsLog(rival, continuing: .empty) }
        #expect(error?.code == .refused)
        #expect(Files.kind(registry.registry.fullPath("state/pending")) == nil)
    }
}
