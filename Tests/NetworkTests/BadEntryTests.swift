import Agreements
import Foundation
import HTTPClient
import OpenSSLKit
import Support
import Testing
import TiledLog
import TransparencyLog

@testable import Registry

/// Trees that are sound as trees, and hold an entry that breaks a rule: what no honest program would sign.
@Suite struct BadEntryTests {
    private struct Setting {
        let scratch: ScratchRegistry
        let server: RunningProgram
        let url: String
        let witness: AuditingWitness

        func request(from old: Int64) throws -> [UInt8] {
            let bytes = try Files.read(
                scratch.registry.fullPath(RegistryFolder.pendingName), maximumBytes: SignedNote.maximumByteCount)
            let note = try SignedNote(parsing: bytes)
            let size = try Checkpoint(parsing: note.text).size
            let proof = try ConsistencyProof(
                oldSize: old, newSize: size, from: scratch.registry.ledger.subtrees(size: size))
            return try AddCheckpointRequest(oldSize: old, proof: proof.hashes, note: note).bytes
        }
    }

    private static func setting() async throws -> Setting {
        let scratch = try await ScratchRegistry.established()
        let port = freePort()
        let server = try RunningProgram(
            ["serve", "--listen", "127.0.0.1:\(port)", "--registry", scratch.registry.path],
            folder: scratch.scratch.path)
        try await server.wait(for: "\"listening\"")
        let keys = KeysFolder(path: scratch.scratch.file("witness/keys"))
        try FileManager.default.createDirectory(
            atPath: scratch.scratch.file("witness"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: scratch.keys.path, toPath: keys.path)
        // The log's key stays where the log is.
        for name in ["log.pem", "log.state"] {
            try FileManager.default.removeItem(atPath: keys.fullPath("private/\(name)"))
        }
        let vault = KeyVault(keys) { _ in throw RegistryError(.usage, "no passphrase", hint: "none") }
        let now = scratch.now
        let witness = AuditingWitness(
            party: ScratchRegistry.kz, registry: RegistryFolder(path: scratch.scratch.file("witness/registry")),
            keys: keys, url: "http://127.0.0.1:\(port)", client: HTTPClient(), vault: vault, now: { now + 1000 })
        return Setting(scratch: scratch, server: server, url: "http://127.0.0.1:\(port)", witness: witness)
    }

    /// One that only KZ has signed.
    private static func halfSigned(_ scratch: ScratchRegistry) async throws -> [UInt8] {
        try scratch.leaf(
            content: try await scratch.statement("A-1").canonicalBytes, signers: [scratch.signer("KZ")])
    }

    @Test(.hangLimit) func `A witness refuses a tree with a bad entry, with the finding, and stays as it was`()
        async throws
    {
        let setting = try await Self.setting()
        try await setting.witness.follow()
        try setting.scratch.putPending([try await Self.halfSigned(setting.scratch)])
        let answer = await setting.witness.addCheckpoint(try setting.request(from: 1))
        guard case .refused(let refusal) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(answer.status == 412)
        #expect(refusal.findings.contains { $0.key == "entry.signers.missing" && $0.entry == 1 }, "\(refusal)")
        // The next time it is the same answer, and the copy is what it was.
        #expect(await setting.witness.addCheckpoint(try setting.request(from: 1)).status == 412)
        let report = try await Audit(
            registry: setting.witness.registry, keys: setting.witness.keys, now: setting.scratch.now + 1000
        ).run()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.entries == 1)
    }

    @Test(.hangLimit) func `A bad entry that is voided in the same tree stands in nobody's way`() async throws {
        let setting = try await Self.setting()
        let scratch = setting.scratch
        try await setting.witness.follow()
        let bad = try await Self.halfSigned(scratch)
        try scratch.putPending([bad])
        #expect(await setting.witness.addCheckpoint(try setting.request(from: 1)).status == 412)
        let voiding = RegistryVoided(
            entry: 1, leafHash: ContentDigest(Entry(leaf: bad).leafHash), reason: "Half signed.")
        try FileManager.default.removeItem(atPath: scratch.keys.fullPath("private/KZ-witness.pem"))
        try FileManager.default.removeItem(atPath: scratch.keys.fullPath("private/UZ-witness.pem"))
        let registrar = try await scratch.registrar()
        _ = try registrar.sign(
            registrar.statement(of: .registryVoided(voiding), agreement: nil), documents: [:])
        _ = try await registrar.commit()
        let answer = await setting.witness.addCheckpoint(try setting.request(from: 1))
        #expect(answer.status == 200, "\(answer)")
    }

    @Test(.hangLimit) func `A mirror refuses a published tree with a bad entry, and names it`() async throws {
        let setting = try await Self.setting()
        let scratch = setting.scratch
        let registry = RegistryFolder(path: scratch.scratch.file("copy"))
        let keys = KeysFolder(path: scratch.scratch.file("trust"))
        try scratch.scratch.write("\(scratch.identity.text)\n", to: "trust/identity")
        let now = scratch.now
        let mirror = RegistryMirror(
            setting.url, into: registry, keys: keys, client: HTTPClient(), now: { now + 1000 })
        #expect(try await mirror.run().entries == 1)
        try await scratch.putByHand([try await Self.halfSigned(scratch)])
        let error = try await #require(throws: RegistryError.self) { try await mirror.run() }
        #expect(error.findings.contains { $0.key == "entry.signers.missing" && $0.entry == 1 }, "\(error.findings)")
        let report = try await Audit(registry: registry, keys: keys, now: scratch.now + 1000).run()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.entries == 1)
    }

    @Test(.hangLimit) func `What the log has not signed is not cosigned, under whatever name it comes`() async throws {
        let setting = try await Self.setting()
        try await setting.witness.follow()
        let bytes = try Files.read(
            setting.scratch.registry.fullPath(RegistryFolder.checkpointName), maximumBytes: SignedNote.maximumByteCount)
        let note = try SignedNote(parsing: bytes)
        let stranger = try NoteSigner(name: KeyName("test.example/registry")!, key: PrivateKey.generateEd25519())
        func status(_ text: [UInt8], _ signatures: [NoteSignature]) async throws -> Int {
            let request = try AddCheckpointRequest(
                oldSize: 1, proof: [], note: SignedNote(text: text, signatures: signatures))
            return await setting.witness.addCheckpoint(request.bytes).status
        }
        #expect(try await status(note.text, [stranger.sign(note.text)]) == 403)
        let extended = note.text + Array("anything\n".utf8)
        #expect(try await status(extended, [stranger.sign(extended)]) == 412)
        #expect(setting.witness.latestCosigned() == nil)
        // A line that nobody knows beside the log's own is ignored.
        #expect(try await status(note.text, [stranger.sign(note.text)] + note.signatures.prefix(1)) == 200)
        let cosigned = try SignedNote(parsing: try #require(setting.witness.latestCosigned()))
        #expect(cosigned.signatures.count == 2)
        #expect(!cosigned.signatures.contains { $0.names(stranger.verifierKey) })
    }

    @Test(.hangLimit)
    func `What waited in a witness's copy does not stand in the way of what was published without it`()
        async throws
    {
        let setting = try await Self.setting()
        let scratch = setting.scratch
        try await setting.witness.follow()
        func good(_ id: String) async throws -> [UInt8] {
            try scratch.leaf(
                content: try await scratch.statement(id).canonicalBytes,
                signers: [scratch.signer("KZ"), scratch.signer("UZ")])
        }
        try scratch.putPending([try await good("A-1")])
        #expect(await setting.witness.addCheckpoint(try setting.request(from: 1)).status == 200)
        let waiting = try OpenedLedger.open(registry: setting.witness.registry, keys: setting.witness.keys)
        #expect(waiting.pending?.head.size == 2)
        // The log goes on, and the other machine's copies of the witnesses' keys publish a larger tree.
        let registrar = try await scratch.registrar()
        let statement = try registrar.statement(
            of: .agreementRegistered(ScratchRegistry.body(title: "Another")), agreement: AgreementID("A-2")!)
        _ = try registrar.sign(statement, documents: [:])
        _ = try await registrar.commit()
        try await setting.witness.follow()
        let report = try await Audit(
            registry: setting.witness.registry, keys: setting.witness.keys, now: scratch.now + 1000
        ).run()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.entries == 3)
    }

    @Test(.hangLimit) func `A certificate that nothing needs does not stay with a witness that looked at an entry`()
        async throws
    {
        let setting = try await Self.setting()
        let scratch = setting.scratch
        try await setting.witness.follow()
        let garbage = Array("no certificate".utf8)
        let name = RegistryFolder.certificateName(ContentDigest.of(garbage))
        try scratch.registry.files.replace(name, with: garbage)
        try scratch.putPending([
            try scratch.leaf(
                content: try await scratch.statement("A-1").canonicalBytes,
                signers: [scratch.signer("KZ"), scratch.signer("UZ")])
        ])
        let note = try SignedNote(
            parsing: Files.read(
                scratch.registry.fullPath(RegistryFolder.pendingName), maximumBytes: SignedNote.maximumByteCount))
        _ = try await setting.witness.check(
            EntryCheckRequest(certificates: [], entries: [[0x30, 0x00]], note: note).bytes
        ).get()
        #expect(Files.kind(setting.witness.registry.fullPath(name)) == nil)
        let refused = await setting.witness.addCheckpoint(try setting.request(from: 1))
        #expect(refused.status == 412, "\(refused)")
        #expect(Files.kind(setting.witness.registry.fullPath(name)) == nil)
        // Once the server has put its folder in order, the witness cosigns.
        try FileManager.default.removeItem(atPath: scratch.registry.fullPath(name))
        #expect(await setting.witness.addCheckpoint(try setting.request(from: 1)).status == 200)
    }

    @Test(.hangLimit) func `Entries are looked at before the log signs, and nothing of them is kept`() async throws {
        let setting = try await Self.setting()
        let scratch = setting.scratch
        try await setting.witness.follow()
        let note = try SignedNote(
            parsing: Files.read(
                scratch.registry.fullPath(RegistryFolder.checkpointName), maximumBytes: SignedNote.maximumByteCount))
        let good = try scratch.leaf(
            content: try await scratch.statement("A-1").canonicalBytes,
            signers: [scratch.signer("KZ"), scratch.signer("UZ")])
        func check(_ leaves: [[UInt8]]) async throws -> [Finding] {
            try await setting.witness.check(
                EntryCheckRequest(certificates: [], entries: leaves, note: note).bytes
            ).get()
        }
        #expect(try await check([good]).isEmpty)
        #expect(try await check([good]).isEmpty)
        let bad = try await check([try await Self.halfSigned(scratch)])
        #expect(bad.contains { $0.key == "entry.signers.missing" }, "\(bad)")
        // The second of two with one id.
        let again = try scratch.leaf(
            content: try await scratch.statement("A-1", title: "Another").canonicalBytes,
            signers: [scratch.signer("KZ"), scratch.signer("UZ")])
        #expect(try await !check([good, again]).isEmpty)
        #expect(try await !check([[0x30, 0x00]]).isEmpty)
        let opened = try OpenedLedger.open(registry: setting.witness.registry, keys: setting.witness.keys)
        #expect(opened.fullHead.size == 1)
    }
}
