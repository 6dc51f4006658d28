import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// A process may die between any two steps; the next one takes up the very tree that was signed.
@Suite struct InterruptedSigningTests {
    private static let origin = "test.example/registry"

    private struct Begun {
        let registry: ScratchRegistry
        let copy: RegistryCopy
        let before: TreeHead
        let leaf: [UInt8]
    }

    /// A registry of six entries, and the leaf that is to be the seventh.
    private func begun() async throws -> Begun {
        let registry = try await ScratchRegistry.filled(batches: [2, 3])
        let leaf = try await registry.leaf(
            content: registry.patientStatement("B-1").canonicalBytes,
            signers: [registry.signer("KZ"), registry.signer("UZ")])
        let copy = try RegistryCopy(of: registry)
        let before = try OpenedLedger.open(registry: copy.registry, keys: copy.keys).publishedHead
        return Begun(registry: registry, copy: copy, before: before, leaf: leaf)
    }

    private func expectSound(_ copy: RegistryCopy, entries: Int64, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let report = try await copy.audit()
        #expect(report.verdict == .passed, "\(report.faults)", sourceLocation: sourceLocation)
        #expect(report.entries == entries, sourceLocation: sourceLocation)
        #expect(Files.kind(copy.path("state/pending")) == nil, sourceLocation: sourceLocation)
    }

    @Test func `Dead before it remembered: what was written was never promised, and goes`() async throws {
        let begun = try await begun()
        let copy = begun.copy
        let files = try copy.checkedFiles()
        var writer = try LogWriter(folder: copy.registry.files, head: begun.before)
        _ = try writer.append([begun.leaf])
        #expect(try copy.checkedFiles() != files)
        let registrar = try await copy.registrar()
        #expect(registrar.ledger.fullHead == begun.before)
        #expect(try copy.checkedFiles() == files)
        // Another entry may have its place.
        _ = try registrar.sign("C-1", copy.scratch)
        _ = try await registrar.commit()
        try await expectSound(copy, entries: 7)
    }

    @Test func `Dead after it remembered: the very same tree is signed at the next opening`() async throws {
        let begun = try await begun()
        let copy = begun.copy
        var writer = try LogWriter(folder: copy.registry.files, head: begun.before)
        let head = try writer.append([begun.leaf])
        var state = try SignerState(copy.keys, signer: .log)
        try state.remember(head, origin: Self.origin)
        do {
            let registrar = try await copy.registrar()
            #expect(registrar.ledger.pending?.head == head)
            #expect(registrar.ledger.publishedHead == begun.before)
            #expect(registrar.state.agreement(AgreementID("B-1")!) != nil)
            #expect(Files.kind(copy.path("state/pending")) == .regular)
            let publishing = try await registrar.publish()
            #expect(publishing.head == head)
            #expect(publishing.missing == nil)
        }
        try await expectSound(copy, entries: 7)
        #expect(try copy.leaves().last == begun.leaf)
    }

    @Test func `Dead after it remembered, and more is added at once: nothing is lost`() async throws {
        let begun = try await begun()
        let copy = begun.copy
        var writer = try LogWriter(folder: copy.registry.files, head: begun.before)
        let head = try writer.append([begun.leaf])
        var state = try SignerState(copy.keys, signer: .log)
        try state.remember(head, origin: Self.origin)
        try await copy.add(["C-1"])
        try await expectSound(copy, entries: 8)
        #expect(try copy.leaves()[6] == begun.leaf)
    }

    /// What the log remembers must be on disk, to the byte, or it signs nothing.
    @Test(arguments: ["ledger/tile/0/000.p/7", "ledger/tile/entries/000.p/7"])
    func `Dead after it remembered, and a file lost: nothing is signed`(name: String) async throws {
        let begun = try await begun()
        let copy = begun.copy
        var writer = try LogWriter(folder: copy.registry.files, head: begun.before)
        let head = try writer.append([begun.leaf])
        var state = try SignerState(copy.keys, signer: .log)
        try state.remember(head, origin: Self.origin)
        let states = try copy.signerStates()
        let bytes = try copy.bytes(name)
        for damaged in [nil, Array(bytes.dropLast()), bytes.dropLast() + [bytes.last! ^ 1]] as [[UInt8]?] {
            if let damaged { try copy.put(name, damaged) } else { try copy.remove(name) }
            let error = await #expect(throws: RegistryError.self) { try await copy.registrar() }
            #expect(error?.code == .refused)
            #expect(error?.findings.map(\.path) == [name])
            #expect(try copy.signerStates() == states)
        }
        try copy.put(name, bytes)
        _ = try await copy.registrar().publish()
        try await expectSound(copy, entries: 7)
    }

    /// Published, and then everything that came after the log's memory taken back.
    @Test(arguments: [true, false])
    func `Dead before the pending checkpoint was stored, witnesses included: the same tree is published`(
        witnessesRemember: Bool
    ) async throws {
        let begun = try await begun()
        let copy = begun.copy
        let older = try copy.signerStates()
        let head = try await copy.add(["B-1"]).head
        try copy.put("ledger/checkpoint", older["registry/ledger/checkpoint"]!)
        try copy.remove("checkpoints/007")
        if !witnessesRemember {
            for party in ["KZ", "UZ"] {
                let name = "keys/private/\(party)-witness.state"
                try copy.scratch.write(older[name]!, to: name)
            }
        }
        // Two entries of one step more: an audit of what lies there says that it is not published.
        #expect(try await copy.audit().verdict != .passed)
        let publishing = try await copy.registrar().publish()
        #expect(publishing.head == head)
        try await expectSound(copy, entries: 7)
    }

    @Test(arguments: [true, false])
    func `Dead between the kept checkpoint and the latest one: what was kept is never written again`(
        pendingIsThere: Bool
    ) async throws {
        let begun = try await begun()
        let copy = begun.copy
        let old = try copy.bytes("ledger/checkpoint")
        let head = try await copy.add(["B-1"]).head
        let kept = try copy.bytes("checkpoints/007")
        try copy.put("ledger/checkpoint", old)
        if pendingIsThere { try copy.put("state/pending", copy.note(head, witnesses: [])) }
        let later = try RegistryCopy(of: copy.scratch.path, now: copy.now + 500)
        let publishing = try await later.registrar().publish()
        #expect(publishing.head == head)
        #expect(try later.bytes("checkpoints/007") == kept)
        #expect(try later.bytes("ledger/checkpoint") == kept)
        try await expectSound(later, entries: 7)
        // The same when more is added at once.
        try await copy.add(["C-1"])
        #expect(try copy.bytes("checkpoints/007") == kept)
        try await expectSound(copy, entries: 8)
    }

    @Test func `Dead before the pending checkpoint was removed: it says nothing new`() async throws {
        let begun = try await begun()
        let copy = begun.copy
        let head = try await copy.add(["B-1"]).head
        try copy.put("state/pending", copy.note(head, witnesses: []))
        #expect(try await copy.audit().verdict == .passed)
        try await copy.add(["C-1"])
        try await expectSound(copy, entries: 8)
    }

    @Test func `Dead before superseded partial tiles were removed: an audit passes`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 250])
        let copy = try RegistryCopy(of: registry)
        let partials = try copy.checkedFiles().filter { $0.hasPrefix("ledger/tile/") && $0.contains("000.p/") }
        let bytes = try partials.map { ($0, try copy.bytes($0)) }
        try await copy.add((0..<10).map { "B-\($0)" })
        #expect(try copy.checkedFiles().filter { $0.hasPrefix("ledger/tile/") && $0.contains("0/000.p/") } == [])
        for (name, content) in bytes { try copy.put(name, content) }
        try await expectSound(copy, entries: 263)
    }

    @Test func `What a dead process left among temporary files is swept, in both folders`() async throws {
        let begun = try await begun()
        let copy = begun.copy
        try copy.scratch.write("half", to: "registry/state/temporary/1-2")
        try copy.scratch.write("half", to: "keys/private/temporary/1-2")
        _ = try await copy.registrar()
        #expect(try Files.names(in: copy.scratch.file("registry/state/temporary")) == [])
        #expect(try Files.names(in: copy.scratch.file("keys/private/temporary")) == [])
    }
}
