import Agreements
import Foundation
import Registry
import Support
import Testing

/// With its key a restricted document is proved as a public one is; without it, it is a document like any other.
@Suite struct RestrictedVerificationTests {
    private static let text = "The towers of Samarkand shall be nine.\n"

    private func copied() async throws -> (copy: RegistryCopy, file: String, key: DocumentKey) {
        let registry = try await ScratchRegistry.established()
        try await registry.add("P-1")
        let document = try await registry.addRestricted("R-1", text: Self.text)
        let place = try RestrictedPlace(document)
        let key = try DocumentKey(path: registry.registry.fullPath(place.key))
        let copy = try RegistryCopy(of: registry)
        // As anybody has it.
        try copy.remove("restricted")
        try copy.scratch.write(Self.text, to: "file")
        return (copy, copy.scratch.file("file"), key)
    }

    private func verify(
        _ copy: RegistryCopy, _ names: [String], _ keys: [DocumentKey] = []
    ) async throws -> VerificationReport {
        try await Verification(registry: copy.registry, keys: copy.keys, now: copy.now).verify(names, keys: keys)
    }

    @Test func `The document and its key prove the entry in any copy`() async throws {
        let (copy, file, key) = try await copied()
        for keys in [[key], [try DocumentKey.random(), key]] {
            let report = try await verify(copy, [file], keys)
            #expect(report.verdict == .passed, "\(report.targets)")
            #expect(report.targets.map(\.kind) == ["document"])
            #expect(report.targets[0].entries.map(\.agreement) == ["R-1"])
            #expect(report.targets[0].findings.isEmpty)
        }
        // A public document beside it is found by its digest, as ever.
        try copy.scratch.write("The text of P-1.\n", to: "public")
        let both = try await verify(copy, [file, copy.scratch.file("public")], [key])
        #expect(both.verdict == .passed)
        #expect(both.targets.map { $0.entries.map(\.agreement) } == [["R-1"], ["P-1"]])
    }

    @Test func `Another file under its key, or the file under another key, is unknown`() async throws {
        let (copy, file, key) = try await copied()
        try copy.scratch.write(Self.text.replacing("nine", with: "four"), to: "other")
        for (name, keys) in [
            (copy.scratch.file("other"), [key]), (file, [try DocumentKey.random()]), (file, []),
        ] {
            let report = try await verify(copy, [name], keys)
            #expect(report.verdict == .failed)
            #expect(report.targets[0].findings.map(\.key) == ["document.unknown"])
        }
    }

    @Test func `Without its key a restricted document is answered for as one that was never registered`() async throws {
        let (copy, file, _) = try await copied()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let restricted = try encoder.encode(try await verify(copy, [file]))
        try copy.scratch.write("The very same length, another text 123\n", to: "file")
        #expect(Self.text.utf8.count == 39)
        #expect(try encoder.encode(try await verify(copy, [file])) == restricted)
    }

    @Test func `A proof and an entry prove a restricted document with its key, where there is no registry`() throws {
        let folder = try CommandFolder()
        func run(_ arguments: String) throws -> CommandRun {
            try folder.bitim(arguments.split(separator: " ").map(String.init))
        }
        try folder.scratch.write(Self.text, to: "secret.txt")
        try folder.scratch.write(Self.text.replacing("nine", with: "four"), to: "other.txt")
        for arguments in [
            "add --restricted secret.txt --kind agreement --sign KZ,UZ --yes --id R-1", "prove 1 -o r.tlog-proof",
            "export R-1 --format cms -o r.cms", "export R-1 --document document-1 -o handed.txt",
        ] {
            let done = try run(arguments)
            #expect(done.status == 0, "\(done.standardError)")
        }
        try FileManager.default.removeItem(atPath: folder.scratch.file("registry"))
        let proved = try run("verify r.tlog-proof r.cms secret.txt --key handed.txt.key")
        #expect(proved.status == 0, "\(proved.standardOutput)\(proved.standardError)")
        for arguments in ["secret.txt", "other.txt --key handed.txt.key"] {
            let refused = try run("verify r.tlog-proof r.cms \(arguments)")
            #expect(refused.status == 1)
            #expect(refused.standardOutput.contains("failed document.other-entry"))
        }
    }

    @Test func `An agreement whose restricted document is elsewhere passes, and says so`() async throws {
        let (copy, _, _) = try await copied()
        let report = try await verify(copy, ["R-1"])
        #expect(report.verdict == .passed)
        #expect(report.targets[0].findings.map(\.key) == ["document.restricted"])
        #expect(report.targets[0].findings.map(\.severity) == [.warning])
    }

    @Test func `A signer elsewhere holds a document against its commitment`() async throws {
        let registry = try await ScratchRegistry.established()
        let (document, restricted) = try registry.restrictedDocument(Self.text, name: "a.txt")
        let source = try #require(restricted[document.commitment!])
        #expect(try source.matches(document))
        #expect(try !RestrictedDocument(path: source.path, key: DocumentKey.random()).matches(document))
        try registry.scratch.write(Self.text + " ", to: "other")
        #expect(try !RestrictedDocument(path: registry.scratch.file("other"), key: source.key).matches(document))
        let (open, files) = try registry.document(Self.text, name: "b.txt")
        #expect(try !DocumentCheck.matches(open, file: files.values.first!, key: source.key))
    }

    @Test(arguments: [
        "", "hmac-sha256-key:", "hmac-sha256-key:\(String(repeating: "a", count: 64))",
        "hmac-sha256-key:\(String(repeating: "a", count: 63))\n",
        "hmac-sha256-key:\(String(repeating: "a", count: 66))\n", "sha256:\(String(repeating: "a", count: 64))\n",
        "hmac-sha256-key:\(String(repeating: "A", count: 64))\n",
        "hmac-sha256-key:\(String(repeating: "a", count: 64))\r\n",
        "hmac-sha256-key:\(String(repeating: "a", count: 64))\n\n", String(repeating: "a", count: 81),
        String(repeating: "a", count: 100_000),
    ])
    func `What is no key of a document is refused`(_ text: String) throws {
        let scratch = ScratchFolder()
        try scratch.write(text, to: "key")
        let error = #expect(throws: RegistryError.self) { try DocumentKey(path: scratch.file("key")) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("aaaa") == false)
    }

    @Test func `A key is read as it is written`() throws {
        let scratch = ScratchFolder()
        let text = "hmac-sha256-key:\(String(repeating: "0a", count: 32))\n"
        try scratch.write(text, to: "key")
        #expect(try DocumentKey(path: scratch.file("key")).fileBytes == Array(text.utf8))
    }
}
