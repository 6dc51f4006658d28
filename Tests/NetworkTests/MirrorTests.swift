import Agreements
import Foundation
import HTTPClient
import OpenSSLKit
import Support
import Testing
import TiledLog
import TransparencyLog

@testable import Registry

/// Copies of registries that are served by the real program.
@Suite struct MirrorTests {
    /// It would, under threads that are ending and give back what they had of it: both would free the same memory.
    @Test(.hangLimit) func `OpenSSL does not take itself down while the program ends`() async throws {
        let capitals = try TwoCapitals()
        try capitals.bringWitnessBack("KZ")
        try capitals.bringWitnessBack("UZ")
        try await capitals.serve()
        try #require(try capitals.add("A-1").status == 0)
        let run = try CommandRun.bitim(
            ["mirror", capitals.url, "copy", "--keys", "KZ/keys"], folder: capitals.scratch.path,
            environment: Fault.environment(cleanupStatus: 97))
        #expect(run.status == 0, "\(run.standardError)")
        capitals.stopServing()
    }

    private struct Served {
        let scratch: ScratchRegistry
        let server: RunningProgram
        let url: String
        let copy: RegistryFolder
        let keys: KeysFolder

        init() async throws {
            scratch = try await ScratchRegistry.established()
            let port = freePort()
            url = "http://127.0.0.1:\(port)"
            server = try RunningProgram(
                [
                    "serve", "--listen", "127.0.0.1:\(port)", "--registry", scratch.registry.path, "--log-level",
                    "debug",
                ],
                folder: scratch.scratch.path)
            copy = RegistryFolder(path: scratch.scratch.file("copy"))
            keys = KeysFolder(path: scratch.scratch.file("trust"))
            try scratch.scratch.write("\(scratch.identity.text)\n", to: "trust/identity")
            try await server.wait(for: "\"listening\"")
        }

        @discardableResult
        func mirror(progress: CopyProgress? = nil) async throws -> RegistryMirror.Report {
            let now = scratch.now
            return try await RegistryMirror(url, into: copy, keys: keys, client: HTTPClient(), now: { now + 100 })
                .run(progress: progress)
        }

        func audit() async throws -> AuditReport {
            try await Audit(registry: copy, keys: keys, now: scratch.now + 100).run()
        }

        /// Registers many agreements under one checkpoint.
        func add(_ range: ClosedRange<Int>) async throws {
            let registrar = try await scratch.registrar()
            for number in range {
                let statement = try registrar.statement(
                    of: .agreementRegistered(ScratchRegistry.body(title: "Agreement \(number)")),
                    agreement: AgreementID("N-\(number)")!)
                _ = try registrar.sign(statement, documents: [:])
            }
            _ = try await registrar.commit()
            scratch.advance(by: 10)
        }

        /// The paths that were asked for since a number of log lines.
        func asked(after line: Int = 0) -> [String] {
            server.log.split(separator: "\n").dropFirst(line).compactMap { line in
                line.range(of: "\"path\":\"").map { String(line[$0.upperBound...].prefix { $0 != "\"" }) }
            }
        }

        var logLines: Int { server.log.split(separator: "\n").count }

        /// Every file of a folder but `state/`, by its bytes.
        func files(_ folder: String) throws -> [String: Data] {
            var files: [String: Data] = [:]
            for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
                guard !name.hasPrefix("state/"), Files.kind("\(folder)/\(name)") == .regular else { continue }
                files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            return files
        }
    }

    @Test(.hangLimit)
    func `A copy is the registry byte for byte, through tiles that fill, and fetches only what is new`() async throws {
        let served = try await Served()
        try await served.scratch.add("A-1")
        #expect(try await served.mirror().entries == 2)
        #expect(try served.files(served.copy.path) == served.files(served.scratch.registry.path))
        for range in [1...200, 201...253, 254...254, 255...300] {
            try await served.add(range)
            #expect(try await served.mirror().entries == range.count)
            #expect(try served.files(served.copy.path) == served.files(served.scratch.registry.path), "\(range)")
            let report = try await served.audit()
            #expect(report.verdict == .passed, "\(range) \(report.findings)")
        }
        let line = served.logLines
        let nothing = try await served.mirror()
        #expect(nothing.entries == 0)
        #expect(served.asked(after: line) == ["/checkpoint"])
        try await served.add(301...302)
        let next = served.logLines
        #expect(try await served.mirror().entries == 2)
        let asked = served.asked(after: next)
        #expect(!asked.contains("/tile/entries/000"), "\(asked)")
        #expect(!asked.contains { $0.hasPrefix("/documents/") }, "\(asked)")
        #expect(asked.count < 20, "\(asked)")
    }

    @Test(.hangLimit) func `A run that was interrupted goes on, and nothing is fetched twice`() async throws {
        let served = try await Served()
        try await served.add(1...600)
        let line = served.logLines
        let now = served.scratch.now
        let mirror = RegistryMirror(
            served.url, into: served.copy, keys: served.keys, client: HTTPClient(), now: { now + 100 })
        let task = Task {
            try await mirror.run(
                progress: CopyProgress { count, _ in if count > 300 { withUnsafeCurrentTask { $0?.cancel() } } })
        }
        await #expect(throws: (any Error).self) { try await task.value }
        #expect(!served.copy.isPublished)
        let first = served.asked(after: line).filter { $0.hasPrefix("/tile/") }
        #expect(first.contains("/tile/entries/000"))
        let next = served.logLines
        #expect(try await served.mirror().entries == 601)
        let second = served.asked(after: next).filter { $0.hasPrefix("/tile/") }
        #expect(!second.contains("/tile/entries/000"), "\(second)")
        #expect(try await served.audit().verdict == .passed)
        #expect(try served.files(served.copy.path) == served.files(served.scratch.registry.path))
    }

    @Test(.hangLimit) func `Keys that change are followed, the log's own included, and addresses stay`() async throws {
        let served = try await Served()
        try await served.mirror()
        let addresses = PolicyAddresses(served.keys)
        try addresses.set("https://witness.kz.example", of: "KZ")
        try await served.scratch.add("A-1")
        try await served.scratch.change(try served.scratch.rotation().log())
        try await served.scratch.add("A-2")
        #expect(try await served.mirror().entries == 3)
        let report = try await served.audit()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(try addresses.all().first { $0.name == "KZ" }?.url == "https://witness.kz.example")
        try await served.scratch.add("A-3")
        #expect(try await served.mirror().entries == 1)
    }

    @Test(.hangLimit) func `What is restricted does not come along, and is told as such`() async throws {
        let served = try await Served()
        _ = try await served.scratch.addRestricted("R-1", text: "for few")
        #expect(try await served.mirror().entries == 2)
        let report = try await served.audit()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.findings.contains { $0.key == "document.restricted" })
        #expect(Files.kind(served.copy.fullPath("restricted")) == nil)
    }

    @Test(.hangLimit) func `Another registry than the pinned one is not mirrored`() async throws {
        let served = try await Served()
        try served.scratch.scratch.write("sha256:\(String(repeating: "0", count: 64))\n", to: "trust/identity")
        let error = try await #require(throws: RegistryError.self) { try await served.mirror() }
        #expect(error.findings.map(\.key) == ["identity.mismatch"])
        try FileManager.default.removeItem(atPath: served.keys.fullPath("identity"))
        let unpinned = try await #require(throws: RegistryError.self) { try await served.mirror() }
        #expect(unpinned.message.contains("no identity is pinned"))
        #expect(!served.copy.isPublished)
    }

    @Test(.hangLimit, arguments: [true, false])
    func `A checkpoint of a size that nobody has is refused before anything is made of it`(hasPolicy: Bool) async throws
    {
        let served = try await Served()
        let stranger = try NoteSigner(name: KeyName("test.example/registry")!, key: PrivateKey.generateEd25519())
        let text = try Checkpoint(
            origin: "test.example/registry", size: 1 << 62, root: MerkleTree.leafHash([1])
        ).bytes
        if hasPolicy {
            try await served.mirror()
        }
        let note = try SignedNote(text: text, signatures: [stranger.sign(text)])
        try served.scratch.registry.files.replace(RegistryFolder.checkpointName, with: note.bytes)
        let error = try await #require(throws: RegistryError.self) { try await served.mirror() }
        #expect(error.code == .refused)
        #expect(
            error.findings.first?.key == (hasPolicy ? "checkpoint.signature.missing" : "ledger.tile.missing"),
            "\(error.findings)")
        let unsigned = try SignedNote(
            text: text,
            signatures: [NoteSigner(name: KeyName("nobody.example")!, key: PrivateKey.generateEd25519()).sign(text)])
        try served.scratch.registry.files.replace(RegistryFolder.checkpointName, with: unsigned.bytes)
        let other = try await #require(throws: RegistryError.self) { try await served.mirror() }
        #expect(other.findings.first?.key == (hasPolicy ? "checkpoint.signature.missing" : "ledger.tile.missing"))
    }

    @Test(.hangLimit)
    func `Where only the full tile is served any more, as much of it is taken as belongs to the tree`() async throws {
        let served = try await Served()
        try await served.add(1...200)
        let checkpoint = try Files.read(
            served.scratch.registry.fullPath(RegistryFolder.checkpointName), maximumBytes: 1 << 20)
        try await served.add(201...300)
        // A reader's checkpoint may be older than the folder, where nobody looks at what is asked for.
        try served.scratch.registry.files.replace(RegistryFolder.checkpointName, with: checkpoint)
        let port = freePort()
        let python = try RunningProgram(
            ["-m", "http.server", "\(port)", "--bind", "127.0.0.1"], folder: served.scratch.registry.path,
            program: "/usr/bin/python3")
        let client = HTTPClient()
        try await waitUntilListening(port)
        let now = served.scratch.now
        let report = try await RegistryMirror(
            "http://127.0.0.1:\(port)", into: served.copy, keys: served.keys, client: client, now: { now + 100 }
        ).run()
        #expect(report.entries == 201)
        #expect(try await served.audit().verdict == .passed)
        python.kill()
        // And from there on as ever.
        let latest = try Files.read(served.scratch.registry.fullPath("checkpoints/301"), maximumBytes: 1 << 20)
        try served.scratch.registry.files.replace(RegistryFolder.checkpointName, with: latest)
        #expect(try await served.mirror().entries == 100)
        #expect(try await served.audit().verdict == .passed)
    }

    @Test(.hangLimit) func `A document whose download broke off is fetched again`() async throws {
        let scratch = ScratchFolder()
        let server = HostileServer(.breaksOffOnce)
        let registry = RegistryFolder(path: scratch.file("copy"))
        let (source, _) = try await RegistrySource.find("http://127.0.0.1:\(server.port)", client: HTTPClient())
        let digest = ContentDigest.of(Array("hello".utf8))
        var files = IncomingFiles(registry: registry, source: source)
        try await files.fetchDocuments([digest: 5])
        #expect(files.findings.isEmpty, "\(files.findings)")
        try files.place(for: .empty)
        let bytes = try Files.read(registry.fullPath(RegistryFolder.documentName(digest)), maximumBytes: 10)
        #expect(bytes == Array("hello".utf8))
        withExtendedLifetime(server) {}
    }

    @Test(.hangLimit) func `When the log's machine is gone, the copy goes on`() async throws {
        let served = try await Served()
        try await served.scratch.add("A-1")
        try await served.mirror()
        served.server.kill()
        // Its key from the safe, its memory said by name; the signers' and witnesses' keys, which were never there.
        let keys = KeysFolder(path: served.scratch.scratch.file("new/keys"))
        try FileManager.default.createDirectory(
            atPath: served.scratch.scratch.file("new"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: served.scratch.keys.path, toPath: keys.path)
        try FileManager.default.removeItem(atPath: keys.fullPath("private/log.state"))
        let now = served.scratch.now
        func open() async throws -> Registrar {
            try await Registrar.open(
                registry: served.copy, keys: keys,
                vault: KeyVault(keys) { _ in throw RegistryError(.usage, "no passphrase", hint: "none") },
                now: { now + 200 })
        }
        let refusal = try await #require(throws: RegistryError.self) { _ = try await open() }
        #expect(refusal.hint.contains("bitim keys resume log"), "\(refusal.hint)")
        let head = try OpenedLedger.open(registry: served.copy, keys: keys).publishedHead
        try SignerState.resume(keys, signer: .log, origin: "test.example/registry", head: head)
        let registrar = try await open()
        let statement = try registrar.statement(
            of: .agreementRegistered(ScratchRegistry.body(title: "After")), agreement: AgreementID("A-2")!)
        _ = try registrar.sign(statement, documents: [:])
        guard case .published(let published) = try await registrar.commit() else {
            Issue.record("it is pending")
            return
        }
        #expect(published.size == 3)
        #expect(try await Audit(registry: served.copy, keys: keys, now: now + 300).run().verdict == .passed)
    }
}
