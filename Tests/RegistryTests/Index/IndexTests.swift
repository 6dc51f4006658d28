import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog

@Suite struct IndexTests {
    private static let a1 = AgreementID("A-1")!

    private func registry() async throws -> ScratchRegistry {
        let registry = try await ScratchRegistry.established()
        for id in ["A-1", "A-2", "A-3"] { try await registry.add(id) }
        return registry
    }

    private func record(_ event: Event, of id: AgreementID?, in registry: ScratchRegistry) async throws {
        let registrar = try await registry.registrar()
        _ = try registrar.sign(registrar.statement(of: event, agreement: id), documents: [:])
        _ = try await registrar.commit()
        registry.advance(by: 10)
    }

    private func void(_ entry: Int64, in registry: ScratchRegistry) async throws {
        let leafHash = try #require(try await registry.registrar().state.leafHash(of: entry))
        try await record(
            .registryVoided(.init(entry: entry, leafHash: leafHash, reason: "a test")), of: nil, in: registry)
    }

    @Test func `What an index finds is what a pass over all entries finds`() async throws {
        let registry = try await registry()
        try await record(.agreementEnteredIntoForce(.init()), of: Self.a1, in: registry)
        try await IndexDesk(registry).expectSameAnswers()
        // Behind: what was added since is judged and taken in.
        try await record(.agreementTerminated(.init()), of: Self.a1, in: registry)
        try await void(2, in: registry)
        try await IndexDesk(registry).expectSameAnswers()
        try await void(5, in: registry)
        try await registry.add("A-2")
        try await registry.change(try registry.enrolment("KZ").withdraw("signer-1", .retire))
        try await IndexDesk(registry).expectSameAnswers()
    }

    @Test func `A small registry has no index`() async throws {
        let registry = try await registry()
        let reading = try await RegistryReading.read(
            registry: registry.registry, keys: registry.keys, selection: .agreements([Self.a1]), now: registry.now)
        #expect(!reading.restsOnIndex)
        #expect(Files.kind(IndexDesk(registry).path) == nil)
    }

    @Test func `An index that is damaged, old or of somebody else is made anew`() async throws {
        let registry = try await registry()
        let desk = IndexDesk(registry)
        try await desk.expectSameAnswers()
        let old = try Data(contentsOf: URL(fileURLWithPath: desk.path))
        try await registry.add("A-4")
        let newer = IndexDesk(registry)
        try await newer.expectSameAnswers()
        let good = try Data(contentsOf: URL(fileURLWithPath: desk.path))
        // The kernel's clock of files has a grain of some milliseconds.
        try await Task.sleep(for: .milliseconds(30))
        // All bytes alike, and yet another file.
        try good.write(to: URL(fileURLWithPath: desk.path))
        try await newer.expectSameAnswers()
        try old.write(to: URL(fileURLWithPath: desk.path))
        try await newer.expectSameAnswers()
        for length in [0, 1, 100, 4096, good.count / 2, good.count - 1] {
            try good.prefix(length).write(to: URL(fileURLWithPath: desk.path))
            try await newer.expectSameAnswers()
        }
        for position in stride(from: 0, to: good.count, by: good.count / 23) {
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: desk.path))
            let damaged = try Data(contentsOf: URL(fileURLWithPath: desk.path))
            guard position < damaged.count else { continue }
            try await Task.sleep(for: .milliseconds(30))
            try file.seek(toOffset: UInt64(position))
            try file.write(contentsOf: [damaged[position] ^ 0x41])
            try file.close()
            let reading = try await newer.read(.agreements([Self.a1]), indexed: true)
            #expect(reading.restsOnIndex && reading.state.agreement(Self.a1) != nil)
        }
        try FileManager.default.removeItem(atPath: desk.path)
        try await newer.expectSameAnswers()
    }

    @Test func `An index that came with a copy is not believed, whatever it hides`() async throws {
        let registry = try await registry()
        try await IndexDesk(registry).expectSameAnswers()
        let copy = try RegistryCopy(of: registry)
        let desk = IndexDesk(copy)
        // As somebody would who has the program: the entry is gone from the tables.
        let script = """
            import sqlite3, sys
            index = sqlite3.connect(sys.argv[1])
            index.executescript("DELETE FROM entry WHERE position = 1; DELETE FROM agreement")
            index.commit()
            """
        let run = try CommandRun.run(
            "/usr/bin/env", ["python3", "-c", script, desk.path], folder: "/")
        try #require(run.status == 0)
        let reading = try await desk.read(.agreements([Self.a1]), indexed: true)
        #expect(reading.state.agreement(Self.a1) != nil)
        try await desk.expectSameAnswers()
        // Of another registry, under the same keys.
        let other = try await self.registry()
        try await IndexDesk(other).expectSameAnswers()
        try Data(contentsOf: URL(fileURLWithPath: IndexDesk(other).path)).write(to: URL(fileURLWithPath: desk.path))
        try await desk.expectSameAnswers()
    }

    @Test func `Where others can write, or nothing can be written, the ledger is read whole`() async throws {
        let registry = try await registry()
        let desk = IndexDesk(registry)
        try await desk.expectSameAnswers()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: registry.registry.fullPath("state"))
        try await desk.expectSameAnswers(false)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: registry.registry.fullPath("state"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: registry.keys.fullPath("private"))
        try await desk.expectSameAnswers(false)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o700], ofItemAtPath: registry.keys.fullPath("private"))
        try await desk.expectSameAnswers()
    }

    @Test func `Damage to what the index names is told as a pass over all entries tells it`() async throws {
        let registry = try await registry()
        try await IndexDesk(registry).expectSameAnswers()
        let name = "ledger/tile/entries/000.p/4"
        let path = registry.registry.fullPath(name)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        // The last entry: of the others nothing is looked at.
        bytes[bytes.count - 40] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        await #expect(throws: RegistryError.self) {
            _ = try await IndexDesk(registry).read(.agreements([AgreementID("A-3")!]), indexed: true)
        }
    }

    @Test func `A writer goes on from its index, and keeps it up to date`() async throws {
        let registry = try await registry()
        try await IndexUse.$smallestSize.withValue(1) {
            // The first one reads all entries, and makes an index; the second goes on from it.
            for id in ["A-4", "A-5"] { try await registry.add(id) }
            try await record(.agreementEnteredIntoForce(.init()), of: Self.a1, in: registry)
            await #expect(throws: RegistryError.self) { try await registry.add("A-5") }
            try await record(.agreementTerminated(.init()), of: Self.a1, in: registry)
            await #expect(throws: RegistryError.self) {
                try await record(.agreementTerminated(.init()), of: Self.a1, in: registry)
            }
            try await void(2, in: registry)
            try await registry.add("A-2")
            let registrar = try await registry.registrar()
            let state = registrar.state
            #expect(state.agreements.isEmpty, "all of it is looked up")
            #expect(state.agreementCount == 5)
        }
        let file = FileIdentity(ofOwn: IndexDesk(registry).path)
        try await IndexDesk(registry).expectSameAnswers()
        #expect(FileIdentity(ofOwn: IndexDesk(registry).path) == file, "it was of the published tree already")
        let report = try await registry.audit()
        #expect(report.verdict == .passed, "\(report.findings)")
    }

    @Test func `What waited for its witnesses is published, with an index too`() async throws {
        let registry = try await registry()
        try await IndexUse.$smallestSize.withValue(1) {
            // The index is one that a writer has judged.
            for id in ["A-4", "A-5"] { try await registry.add(id) }
            let keys = ["KZ-witness.pem", "UZ-witness.pem"].map {
                (at: registry.keys.fullPath("private/\($0)"), away: registry.scratch.file($0))
            }
            for key in keys { try FileManager.default.moveItem(atPath: key.at, toPath: key.away) }
            let waiting = try await registry.add("A-6")
            for key in keys { try FileManager.default.moveItem(atPath: key.away, toPath: key.at) }
            guard case .published(let head) = try await registry.registrar().publish() else {
                Issue.record("it still waits")
                return
            }
            #expect(head.size == waiting.index + 1)
        }
        #expect(try await registry.audit().verdict == .passed)
    }

    @Test func `A writer does not go on from an index whose entries nobody judged`() async throws {
        let registry = try await registry()
        // Signed by one party alone, and never voided: a listing takes it in, a writer must not.
        let statement = try await registry.registrar().statement(
            of: .agreementEnteredIntoForce(.init()), agreement: Self.a1)
        try await registry.putByHand([
            registry.leaf(content: statement.canonicalBytes, signers: [registry.signer("KZ")])
        ])
        _ = try await IndexDesk(registry).read(.agreements([Self.a1]), indexed: true)
        let whole = try await registry.registrar().state
        try await IndexUse.$smallestSize.withValue(1) {
            let state = try await registry.registrar().state
            #expect(state.agreement(Self.a1) == whole.agreement(Self.a1))
            #expect(!state.isOfEffect(4))
        }
    }

    @Test func `Without an index the state of a large registry is not held, and says the same`() async throws {
        let registry = try await registry()
        try await record(.agreementEnteredIntoForce(.init()), of: Self.a1, in: registry)
        try await void(2, in: registry)
        let desk = IndexDesk(registry)
        let whole = try await desk.read(.state, indexed: false).state
        let compact = try await desk.read(.state, indexed: true).state
        #expect(compact.agreements.isEmpty && whole.agreements.count == 2)
        for id in ["A-1", "A-2", "A-3", "A-4"].compactMap({ AgreementID($0) }) {
            #expect(compact.agreement(id) == whole.agreement(id))
        }
        #expect(compact.size == whole.size && compact.agreementCount == whole.agreementCount)
        #expect(compact.registry == whole.registry && compact.voidedEntries == whole.voidedEntries)
        for entry in 0..<whole.size {
            #expect(compact.isOfEffect(entry) == whole.isOfEffect(entry))
            #expect(compact.leafHash(of: entry) == whole.leafHash(of: entry))
        }
    }
}
