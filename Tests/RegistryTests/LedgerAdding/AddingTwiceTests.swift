import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog

@Suite struct AddingTwiceTests {
    @Test func `The same leaf twice in one queue is one entry`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let registrar = try await registrar(registry)
        let statement = try registrar.statement(
            of: .agreementRegistered(ScratchRegistry.body()), agreement: AgreementID("B-1")!)
        let leaf = try registry.leaf(
            content: statement.canonicalBytes, signers: [registry.signer("KZ"), registry.signer("UZ")])
        let first = try registrar.queue(leaf: leaf, documents: [:])
        let second = try registrar.queue(leaf: leaf, documents: [:])
        #expect(first.index == 2 && !first.wasThere)
        #expect(second.index == 2 && second.wasThere)
        #expect(second.leafHash == first.leafHash)
        #expect(try await registrar.commit().head.size == 3)
    }

    /// The statement is the event; who signs it anew makes other bytes of the same.
    @Test func `The same statement under new signatures is the same entry, in this process and in the next`()
        async throws
    {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let statement = try await registry.patientStatement("B-1")
        var leaves: [[UInt8]] = []
        for number in [1, 2] {
            leaves.append(
                try registry.leaf(
                    content: statement.canonicalBytes,
                    signers: [registry.signer("KZ", number), registry.signer("UZ", number)]))
        }
        #expect(leaves[0] != leaves[1])
        do {
            let registrar = try await registrar(registry)
            #expect(try !registrar.queue(leaf: leaves[0], documents: [:]).wasThere)
            #expect(try registrar.queue(leaf: leaves[1], documents: [:]).wasThere)
            _ = try await registrar.commit()
        }
        let registrar = try await registrar(registry)
        let before = registrar.ledger.publishedHead
        for leaf in leaves {
            let again = try registrar.queue(leaf: leaf, documents: [:])
            #expect(again.wasThere && again.index == 2)
        }
        #expect(try await registrar.commit().head == before)
        let report = try await registry.audit()
        #expect(report.verdict == .passed)
        #expect(report.entries == 3)
    }

    @Test func `The program gives the index that an agreement has when it is added again`() async throws {
        let folder = try CommandFolder()
        for id in ["B-1", nil] {
            let arguments = try folder.adding("title-\(id ?? "none")", id: id)
            let first = try folder.answer(folder.bitim(arguments))
            let second = try folder.answer(folder.bitim(arguments))
            #expect(first.added.map(\.wasThere) == [false])
            #expect(first.state == "published")
            #expect(second.added.map(\.wasThere) == [true])
            #expect(second.added.map(\.index) == first.added.map(\.index))
            #expect(second.treeSize == first.treeSize)
        }
        #expect(try await folder.audit().verdict == .passed)
    }

    @Test func `Another agreement under a taken id is refused and changes nothing`() async throws {
        let folder = try CommandFolder()
        _ = try folder.bitim(folder.adding("one", id: "B-1"))
        let run = try folder.bitim(folder.adding("two", id: "B-1"))
        #expect(run.status == 1)
        #expect(try folder.list() == ["B-1"])
        let report = try await folder.audit()
        #expect(report.verdict == .passed)
        #expect(report.entries == 2)
    }

    /// What is pending has its id, though a reader of what is published does not see it.
    @Test func `A second agreement without an id gets one of its own while the first is pending`() async throws {
        let folder = try CommandFolder()
        let key = folder.scratch.file("keys/private/UZ-witness.pem")
        try FileManager.default.moveItem(atPath: key, toPath: folder.scratch.file("away.pem"))
        let first = try folder.bitim(folder.adding("one", id: nil))
        let second = try folder.bitim(folder.adding("two", id: nil))
        let again = try folder.bitim(folder.adding("one", id: nil))
        #expect([first.status, second.status, again.status] == [3, 3, 3], "\(second.standardError)")
        #expect(try folder.answer(second).added.map(\.index) == [2])
        #expect(try folder.answer(first).added.first?.agreement != folder.answer(second).added.first?.agreement)
        #expect(try folder.answer(again).added.map(\.wasThere) == [true])
        #expect(try folder.answer(again).added.map(\.index) == [1])
        try FileManager.default.moveItem(atPath: folder.scratch.file("away.pem"), toPath: key)
        #expect(try folder.bitim(["publish"]).status == 0)
        let report = try await folder.audit()
        #expect(report.verdict == .passed, "\(report.faults)")
        #expect(report.entries == 3)
    }

    private func registrar(_ registry: ScratchRegistry) async throws -> Registrar {
        try await registry.registrar(patienceSeconds: 10)
    }
}
