import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog

/// Two capitals and an operator, each with a machine of its own, register a restricted agreement.
@Suite struct RestrictedDraftTests {
    private static let phrase = "the towers of Samarkand shall be nine"
    private static let text = "It is agreed that \(phrase).\n"

    /// Folders `op`, `kz` and `uz`: the operator has the registry and the log's key, each capital its own keys.
    private final class Machines {
        let home: CommandFolder
        private(set) var said = Data()

        var scratch: ScratchFolder { home.scratch }

        init() throws {
            home = try CommandFolder()
            try shell(
                """
                for m in op kz uz; do mkdir $m && cp -r keys $m/keys; done && mv registry op && rm -r keys
                rm kz/keys/private/UZ-* kz/keys/private/log* uz/keys/private/KZ-* uz/keys/private/log*
                rm op/keys/private/*-signer-* op/keys/private/*-authority*
                """)
        }

        func shell(_ command: String) throws {
            let run = try CommandRun.run("/bin/sh", ["-c", command], folder: scratch.path)
            #expect(run.status == 0, "\(run.standardError)")
        }

        @discardableResult
        func run(_ machine: String, _ arguments: String, status: Int32 = 0, says words: String = "") throws
            -> CommandRun
        {
            let run = try CommandRun.bitim(
                arguments.split(separator: " ").map(String.init), folder: scratch.file(machine))
            #expect(run.status == status, "\(arguments)\n\(run.standardOutput)\(run.standardError)")
            #expect(
                words.isEmpty || (run.standardOutput + run.standardError).contains(words),
                "\(arguments)\n\(run.standardOutput)\(run.standardError)")
            said += Data(run.standardOutput.utf8) + Data(run.standardError.utf8)
            return run
        }

        func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: scratch.file(name))) }

        /// Everything in the operator's `restricted/` but folders.
        var held: [String] {
            let folder = scratch.file("op/registry/restricted")
            return ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []).map { "\(folder)/\($0)" }
                .filter { Files.kind($0) == .regular }
        }

        func audit() async throws -> AuditReport {
            try await Audit(
                registry: RegistryFolder(path: scratch.file("op/registry")),
                keys: KeysFolder(path: scratch.file("op/keys")), now: Int64(Date().timeIntervalSince1970)
            ).run()
        }
    }

    private static let add = "add --restricted secret.txt --kind agreement --sign KZ,UZ --id R-1"
    private static let key = "a.draft.document-1.key"

    private static func drafted() throws -> Machines {
        let machines = try Machines()
        try machines.scratch.write(text, to: "op/secret.txt")
        try machines.run("op", "\(add) --draft a.draft", says: "restricted documents are in \(key), and nowhere else")
        return machines
    }

    private static func signed() throws -> Machines {
        let machines = try drafted()
        try machines.shell("for m in kz uz; do cp op/a.draft op/secret.txt $m; done")
        try machines.shell("cp op/\(key) kz && cp op/\(key) uz/by-courier.key")
        // One has the key beside the draft, the other names it, and has no registry.
        let shown = "document-1  restricted, read from secret.txt under its key"
        try machines.run("kz", "sign a.draft secret.txt --yes")
        try machines.run("uz", "sign a.draft secret.txt --key by-courier.key", status: 64, says: shown)
        try machines.run("uz", "sign a.draft secret.txt --key by-courier.key --yes -o uz.draft")
        try machines.run("op", "sign a.draft --import ../kz/a.draft ../uz/uz.draft", says: "ready")
        return machines
    }

    @Test func `Two capitals sign apart, and the operator registers`() async throws {
        let machines = try Self.signed()
        let commitment = try #require(
            DraftPlace(machines.scratch.file("op/a.draft")).draft.statement.event.documents[0].commitment)
        try machines.run("op", "show a.draft", says: "document-1, \(Self.text.utf8.count) bytes, restricted")
        try machines.run("op", "show a.draft", says: commitment.text)
        // Not without the document, nor without its key.
        try machines.run("op", "add a.draft", status: 4, says: "the restricted document document-1 is not here")
        try machines.shell("mv op/\(Self.key) op/away.key")
        try machines.run("op", "add a.draft secret.txt", status: 4, says: "its key is missing")
        #expect(try await machines.audit().entries == 1)
        #expect(machines.held.isEmpty)
        try machines.run("op", "add a.draft secret.txt --key away.key", says: "R-1 registered as entry 1")
        #expect(machines.held.count == 2)
        for name in machines.held { #expect(try Files.attributes(name).mode == 0o600) }
        let report = try await machines.audit()
        #expect(report.verdict == .passed && report.entries == 2 && report.documents.present == 1)
        // Neither is needed any more.
        try machines.shell("rm op/secret.txt op/away.key")
        try machines.run("op", "add a.draft", says: "R-1 was there as entry 1")
        try machines.run("op", "export R-1 --document document-1 -o handed.txt")
        #expect(try machines.bytes("op/handed.txt") == Data(Self.text.utf8))
        #expect(try machines.bytes("op/handed.txt.key") == machines.bytes("kz/\(Self.key)"))
    }

    @Test func `What the registry holds already need not be given`() async throws {
        let machines = try Self.signed()
        let commitment = try #require(
            DraftPlace(machines.scratch.file("op/a.draft")).draft.statement.event.documents[0].commitment)
        let place = "op/registry/\(RegistryFolder.restrictedName(commitment))"
        try machines.shell(
            "mkdir -p -m 700 $(dirname \(place)) && mv op/secret.txt \(place) && mv op/\(Self.key) \(place).key")
        try machines.run("op", "add a.draft", says: "R-1 registered as entry 1")
        #expect(try await machines.audit().verdict == .passed)
    }

    @Test func `A later event is drafted with a restricted document, too`() async throws {
        let machines = try Self.signed()
        try machines.run("op", "add a.draft secret.txt")
        try machines.run(
            "op", "record noted R-1 --party KZ --kind declaration --restricted secret.txt --draft n.draft",
            says: "n.draft.document-1.key")
        try machines.shell(
            "rm -rf kz/registry && cp -r op/registry kz && rm -r kz/registry/restricted && cp op/n.draft* kz")
        try machines.run("kz", "sign n.draft secret.txt --yes")
        try machines.run("op", "add ../kz/n.draft secret.txt", says: "registered as entry 2")
        #expect(machines.held.count == 4)
        #expect(try await machines.audit().documents.present == 2)
    }

    @Test func `Every mistake has its own words, and nothing is signed`() throws {
        let machines = try Self.drafted()
        let before = try machines.bytes("op/a.draft")
        try machines.run("op", "\(Self.add) --draft -", status: 64, says: "its key would be lost")
        try machines.run("op", "\(Self.add) --draft a.draft", status: 5, says: "a.draft is there already")
        try machines.shell("touch op/b.draft.document-1.key")
        try machines.run(
            "op", "\(Self.add) --draft b.draft", status: 5, says: "b.draft.document-1.key is there already")
        #expect(Files.kind(machines.scratch.file("op/b.draft")) == nil)
        try machines.run(
            "op", "\(Self.add) --key \(Self.key) --yes", status: 64, says: "--key goes with a signed draft")
        try machines.run("op", "add a.draft --restricted secret.txt", status: 64, says: "a.draft is a draft")
        try machines.run("op", "sign a.draft --statement --key \(Self.key)", status: 64, says: "nothing is signed here")

        try machines.shell("cp op/a.draft op/secret.txt kz")
        let search = LeakSearch(content: Array(Self.text.utf8), phrase: Self.phrase)
        try machines.run("kz", "sign a.draft secret.txt --yes", status: 4, says: "its key is missing")
        try machines.scratch.write(try DocumentKey.random().fileBytes, to: "kz/wrong.key")
        try machines.run("kz", "sign a.draft secret.txt --key wrong.key --yes", status: 1, says: "has other bytes")
        try machines.run("kz", "sign a.draft secret.txt --key secret.txt --yes", status: 4, says: "is not the key")
        try machines.shell("cp op/\(Self.key) kz && sed s/nine/four/ op/secret.txt > kz/secret.txt")
        try machines.run("kz", "sign a.draft secret.txt --yes", status: 1, says: "has other bytes")
        try machines.run("kz", "sign a.draft --yes", status: 4, says: "is not here")
        #expect(try machines.bytes("kz/a.draft") == before)
        #expect(search.found(in: machines.said) == [])
        #expect(
            LeakSearch(content: [UInt8](try machines.bytes("kz/secret.txt")), phrase: "be four")
                .found(in: machines.said) == [])
    }

    @Test func `Neither the draft, nor the registry, nor any output gives the document or its key away`() throws {
        let machines = try Self.signed()
        try machines.run("op", "add a.draft secret.txt")
        for format in ["", " --json", " --quiet"] {
            for command in ["show a.draft", "list", "show R-1", "audit", "add a.draft"] {
                try machines.run("op", command + format)
            }
        }
        try machines.run("op", "show a.draft ../uz/uz.draft")
        try machines.shell("rm */secret.txt")
        let search = LeakSearch(content: Array(Self.text.utf8), phrase: Self.phrase)
        #expect(machines.said.count > 5000)
        #expect(search.found(in: machines.said) == [])
        let places = try search.found(under: machines.scratch.path)
        #expect(places.count == 1)
        #expect(places.allSatisfy { $0.hasPrefix("op/registry/restricted/") && $0.hasSuffix(": content") }, "\(places)")

        let digits = try machines.bytes("op/\(Self.key)").dropFirst(16).dropLast()
        #expect(digits.count == 64)
        #expect(machines.said.range(of: Data(digits)) == nil)
        var keyPaths: [String] = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: machines.scratch.path)
        where Files.kind(machines.scratch.file(path)) == .regular {
            if try machines.bytes(path).range(of: Data(digits)) != nil { keyPaths.append(path) }
        }
        #expect(keyPaths.count == 4)
        #expect(keyPaths.allSatisfy { $0.hasSuffix(".key") }, "\(keyPaths)")
    }
}
