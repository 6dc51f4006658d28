import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// A process that establishes a registry may die at any step: the next one with the same words goes on with what was
/// promised, and puts away what was not.
@Suite struct InterruptedEstablishingTests {
    /// How far a run has come, by the files that it leaves; see docs/registry-layout.md.
    enum Step: Int, CaseIterable, Comparable, Sendable {
        case nothing, logState, logKey, certificates, entries, tiles, policy, identity, remembered, pending, cosigned
        case stored, published

        static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }

        /// Whether the identity lies in `keys/`.
        var isPinned: Bool { self >= .identity }
    }

    /// All keys at one table, and the files of a whole run to take pieces of.
    private struct Table {
        let home: ScratchRegistry
        let before = ScratchFolder()
        let pending = ScratchFolder()
        let done = ScratchFolder()
        let identity: ContentDigest

        init(_ establish: (ScratchRegistry) async throws -> ContentDigest) async throws {
            home = try ScratchRegistry()
            try Self.copy(home.scratch.path, before.file("all"))
            // Without the witnesses it stays pending.
            for party in ["KZ", "UZ"] {
                try FileManager.default.moveItem(
                    atPath: home.keys.fullPath("private/\(party)-witness.pem"),
                    toPath: home.scratch.file("\(party).away"))
            }
            identity = try await establish(home)
            for party in ["KZ", "UZ"] {
                try FileManager.default.moveItem(
                    atPath: home.scratch.file("\(party).away"),
                    toPath: home.keys.fullPath("private/\(party)-witness.pem"))
            }
            try Self.copy(home.scratch.path, pending.file("all"))
            _ = try await home.registrar().publish()
            try Self.copy(home.scratch.path, done.file("all"))
        }

        static func copy(_ path: String, _ target: String) throws {
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(atPath: path, toPath: target)
        }

        /// Leaves what a run leaves that dies after the step.
        func cut(after step: Step, keepingLogKey: Bool = false) throws {
            try? FileManager.default.removeItem(atPath: home.registry.path)
            try Self.copy("\(before.file("all"))/keys", home.keys.path)
            func take(_ source: ScratchFolder, _ names: String...) throws {
                for name in names {
                    let target = home.scratch.file(name)
                    try FileManager.default.createDirectory(
                        atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                    try Self.copy(source.file("all/\(name)"), target)
                }
            }
            if step >= .logState || keepingLogKey {
                try home.keys.files.replace(
                    "private/log.state", with: Array("bitim-signer-state 1\nend\n".utf8), mode: 0o600)
            }
            if step >= .logKey || keepingLogKey { try take(done, "keys/private/log.pem") }
            if step >= .certificates { try take(done, "registry/certificates") }
            if step >= .entries { try take(done, "registry/ledger/tile/entries") }
            if step >= .tiles { try take(done, "registry/ledger/tile/0") }
            if step >= .policy { try take(done, "keys/policy") }
            if step >= .identity { try take(done, "keys/identity") }
            if step >= .remembered { try take(done, "keys/private/log.state") }
            if step >= .pending { try take(pending, "registry/state/pending") }
            if step >= .cosigned { try take(done, "keys/private/KZ-witness.state", "keys/private/UZ-witness.state") }
            if step >= .stored { try take(done, "registry/checkpoints") }
            if step >= .published { try take(done, "registry/ledger/checkpoint") }
        }

        func logKey() -> Data? { FileManager.default.contents(atPath: home.keys.fullPath("private/log.pem")) }

        func expectWhole(_ identity: ContentDigest, _ step: Step) async throws {
            #expect(try home.keys.identity() == identity)
            if step.isPinned { #expect(identity == self.identity, "another history after \(step)") }
            let report = try await home.audit()
            #expect(report.verdict == .passed && report.findings.isEmpty, "after \(step): \(report.findings)")
            #expect(report.entries == 1 && report.identity == identity.text)
            for signer in [SignerState.Signer.log, .witness(ScratchRegistry.kz), .witness(ScratchRegistry.uz)] {
                let head = try SignerState(home.keys, signer: signer).head(origin: TwoCapitals.origin)
                #expect(head.size == 1 && ContentDigest(head.root) == identity, "\(signer) after \(step)")
            }
            // And it can be added to.
            try await home.add("A-1")
            #expect(try await home.audit().verdict == .passed)
        }
    }

    private static func run(
        _ home: ScratchRegistry, name: String = "A registry of two", parties: [String] = TwoCapitals.parties
    ) async throws -> (identity: ContentDigest, publishing: Registrar.Publishing) {
        try await TwoCapitals.establishing(name: name, parties: parties).run(
            registry: home.registry, keys: home.keys, vault: home.vault(), logPassphrase: nil, now: { home.now })
    }

    @Test func `At one table the same command goes on after every step`() async throws {
        let table = try await Table { try await Self.run($0).identity }
        for step in Step.allCases where step < .published {
            try table.cut(after: step)
            let logKey = table.logKey()
            let (identity, publishing) = try await Self.run(table.home)
            #expect(publishing.isPublished, "after \(step)")
            if let logKey { #expect(table.logKey() == logKey, "the log's key is another one after \(step)") }
            try await table.expectWhole(identity, step)
        }
    }

    @Test func `A registry that is established is not established again`() async throws {
        let table = try await Table { try await Self.run($0).identity }
        try table.cut(after: .published)
        await DraftDesk.expectRefusal("there is a registry in", .conflict) { _ = try await Self.run(table.home) }
        try await table.home.add("A-1")
        await DraftDesk.expectRefusal("there is a registry in", .conflict) { _ = try await Self.run(table.home) }
    }

    @Test func `What was not pinned was not promised, and another command may take its place`() async throws {
        let table = try await Table { try await Self.run($0).identity }
        for step in Step.allCases where !step.isPinned {
            try table.cut(after: step)
            let logKey = table.logKey()
            let (identity, _) = try await Self.run(table.home, name: "Of another name")
            #expect(identity != table.identity)
            if let logKey { #expect(table.logKey() == logKey) }
            try await table.expectWhole(identity, step)
        }
        // Of fewer parties: no certificate of the other stays behind.
        try table.cut(after: .policy)
        _ = try await Self.run(table.home, parties: ["KZ"])
        let report = try await table.home.audit()
        #expect(report.findings.allSatisfy { $0.key.hasPrefix("keys.") }, "\(report.findings)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(table.home.registry.path)/certificates").count == 3)
    }

    @Test func `What was pinned is gone on with by the same command only`() async throws {
        let table = try await Table { try await Self.run($0).identity }
        for step in Step.allCases where step.isPinned {
            try table.cut(after: step)
            let files = try Self.files(table.home)
            await DraftDesk.expectRefusal("there is a registry in", .conflict) {
                _ = try await Self.run(table.home, name: "Of another name")
            }
            #expect(try Self.files(table.home) == files, "something was written after \(step)")
        }
    }

    /// All but locks, by name.
    private static func files(_ home: ScratchRegistry) throws -> [String: Data] {
        var found: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: home.scratch.path) where !name.hasSuffix("lock")
        {
            if let data = FileManager.default.contents(atPath: home.scratch.file(name)) { found[name] = data }
        }
        return found
    }

    @Test func `A draft is gone on with after every step, by the same identity`() async throws {
        var draft: Draft?
        let table = try await Table { home in
            let written = try TwoCapitals.establishing().draft(
                keys: home.keys, vault: home.vault(), logPassphrase: nil, expires: nil, now: home.now)
            var signed = written
            for party in [ScratchRegistry.kz, ScratchRegistry.uz] {
                let report = try DraftReport(signed, ledger: nil, keys: home.keys, now: home.now)
                signed = try DraftSigning(report, keys: home.keys, now: home.now)
                    .sign(for: party, signer: nil, vault: home.vault())
            }
            draft = signed
            _ = try await Self.establish(signed, home)
            return ContentDigest(Entry(leaf: try signed.leaf()).leafHash)
        }
        let whole = try #require(draft)
        for step in Step.allCases {
            try table.cut(after: step, keepingLogKey: true)
            let logKey = table.logKey()
            #expect(try await Self.establish(whole, table.home).isPublished, "after \(step)")
            #expect(table.logKey() == logKey)
            #expect(try table.home.keys.identity() == table.identity)
            try await table.expectWhole(table.identity, step)
        }
        #expect(try await Self.establish(whole, table.home).isPublished, "once more says what is there")
        #expect(try await table.home.audit().entries == 2)
    }

    private static func establish(_ draft: Draft, _ home: ScratchRegistry) async throws -> Registrar.Publishing {
        try await Establishing.run(
            try DraftReport(draft, ledger: nil, keys: home.keys, now: home.now), registry: home.registry,
            keys: home.keys, vault: home.vault(), now: { home.now })
    }

    @Test func `A key whose memory is lost, and tiles of another registry, are left alone`() async throws {
        let table = try await Table { try await Self.run($0).identity }
        try table.cut(after: .identity)
        try FileManager.default.removeItem(atPath: table.home.keys.fullPath("private/log.state"))
        var files = try Self.files(table.home)
        await DraftDesk.expectRefusal("what log signed last is not known") { _ = try await Self.run(table.home) }
        #expect(try Self.files(table.home) == files)

        try table.cut(after: .policy)
        try table.home.registry.files.replace("ledger/tile/0/000.p/7", with: [1])
        files = try Self.files(table.home)
        await DraftDesk.expectRefusal("there is a registry in", .conflict) { _ = try await Self.run(table.home) }
        #expect(try Self.files(table.home) == files)

        // The pin alone, without the entry that it is of.
        try table.cut(after: .identity)
        try FileManager.default.removeItem(atPath: table.home.registry.path)
        await DraftDesk.expectRefusal("belong to a registry already", .conflict) { _ = try await Self.run(table.home) }
        #expect(try table.home.keys.identity() == table.identity)
    }

    /// The program itself, killed at any moment and run again.
    @Test(.hangLimit) func `A program that is killed while it establishes goes on when it is run again`() throws {
        let scratch = ScratchFolder()
        func bitim(_ arguments: [String]) throws -> CommandRun { try CommandRun.bitim(arguments, folder: scratch.path) }
        for party in TwoCapitals.parties { _ = try bitim(["keys", "new", party, "--unencrypted", "-q"]) }
        try FileManager.default.moveItem(atPath: scratch.file("keys"), toPath: scratch.file("fresh"))
        let arguments = ["init", "--origin", TwoCapitals.origin, "--unencrypted-log", "--yes", "-q"]
        var killed = 0
        for round in 0..<16 {
            for name in ["keys", "registry"] { try? FileManager.default.removeItem(atPath: scratch.file(name)) }
            try FileManager.default.copyItem(atPath: scratch.file("fresh"), toPath: scratch.file("keys"))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: CommandRun.program)
            process.arguments = arguments
            process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            // From before the first file to after the last. Of a task's sleep nobody knows when it ends.
            Thread.sleep(forTimeInterval: 0.01 * Double(round + 1))
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
            if process.terminationReason == .uncaughtSignal { killed += 1 }
            let keys = KeysFolder(path: scratch.file("keys"))
            let registry = RegistryFolder(path: scratch.file("registry"))
            let pinned = try keys.identity()
            let logKey = FileManager.default.contents(atPath: keys.fullPath("private/log.pem"))
            if !registry.isPublished {
                let run = try bitim(arguments)
                #expect(run.status == 0, "round \(round): \(run.standardError)")
            }
            if let pinned { #expect(try keys.identity() == pinned) }
            if let logKey {
                #expect(FileManager.default.contents(atPath: keys.fullPath("private/log.pem")) == logKey)
            }
            let audit = try bitim(["audit"])
            #expect(audit.status == 0, "round \(round): \(audit.standardOutput)\(audit.standardError)")
        }
        #expect(killed > 0)
    }
}
