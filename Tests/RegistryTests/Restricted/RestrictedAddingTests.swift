import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog

/// How restricted documents come into a registry, and when they do not.
@Suite struct RestrictedAddingTests {
    private static let text = "The towers of Samarkand shall be nine.\n"

    private func statement(_ registrar: Registrar, _ document: Document) throws -> Statement {
        try registrar.statement(
            of: .agreementRegistered(ScratchRegistry.body(documents: [document])), agreement: AgreementID("R-1")!)
    }

    @Test func `Without the document nothing is registered`() async throws {
        let registry = try await ScratchRegistry.established()
        let (document, _) = try registry.restrictedDocument(Self.text, name: "a.txt")
        let registrar = try await registry.registrar()
        let statement = try statement(registrar, document)
        let error = #expect(throws: RegistryError.self) { try registrar.sign(statement, documents: [:]) }
        #expect(error?.code == .unavailable)
        #expect(try await registrar.commit().head.size == 1)
    }

    @Test func `With another file, or under another key, nothing is registered and nothing is left`() async throws {
        let registry = try await ScratchRegistry.established()
        let (document, restricted) = try registry.restrictedDocument(Self.text, name: "a.txt")
        let commitment = document.commitment!
        try registry.scratch.write(Self.text.replacing("nine", with: "four"), to: "other.txt")
        let wrong = [
            RestrictedDocument(path: registry.scratch.file("other.txt"), key: restricted[commitment]!.key),
            RestrictedDocument(path: restricted[commitment]!.path, key: try DocumentKey.random()),
        ]
        let (good, sound) = try registry.restrictedDocument(Self.text, name: "good.txt")
        // Whichever of the two comes first.
        for source in wrong + wrong + wrong + wrong {
            let registrar = try await registry.registrar()
            let body = ScratchRegistry.body(documents: [good.renamed("good"), document])
            _ = try registrar.sign(
                registrar.statement(of: .agreementRegistered(body), agreement: AgreementID("R-1")!), documents: [:],
                restricted: sound.merging([commitment: source]) { $1 })
            let error = await #expect(throws: RegistryError.self) { try await registrar.commit() }
            #expect(error?.code == .conflict)
            #expect(
                try FileManager.default.subpathsOfDirectory(atPath: registry.registry.fullPath("restricted"))
                    .filter { Files.kind(registry.registry.fullPath("restricted/\($0)")) == .regular } == [])
        }
        let report = try await registry.audit()
        #expect(report.entries == 1 && report.verdict == .passed, "\(report.findings)")
    }

    /// As a signer elsewhere brings them: by hand, before the entry.
    @Test func `A document that is held with its key already need not be given`() async throws {
        let registry = try await ScratchRegistry.established()
        let (document, restricted) = try registry.restrictedDocument(Self.text, name: "a.txt")
        let place = try RestrictedPlace(document)
        try registry.registry.files.replace(place.document, with: Array(Self.text.utf8), mode: 0o600)
        try registry.registry.files.replace(
            place.key, with: restricted[document.commitment!]!.key.fileBytes, mode: 0o600)
        do {
            let registrar = try await registry.registrar()
            _ = try registrar.sign(statement(registrar, document), documents: [:])
            _ = try await registrar.commit()
        }
        #expect(try await registry.audit().documents.present == 1)
    }

    @Test func `What a process that died has left of a restricted document is swept`() async throws {
        let registry = try await ScratchRegistry.established()
        let left = registry.registry.fullPath("restricted/temporary/1-2")
        try registry.scratch.write(Self.text, to: "registry/restricted/temporary/1-2")
        // A reader beside a writer is not to find it.
        #expect(try await registry.audit().faults.isEmpty)
        _ = try await registry.registrar()
        #expect(Files.kind(left) == nil)
    }

    @Test func `A file is not given as public and as restricted`() throws {
        let scratch = ScratchFolder()
        try scratch.write(Self.text, to: "a.txt")
        try scratch.write(Self.text, to: "b.txt")
        try scratch.write(Self.text.replacing("nine", with: "four"), to: "c.txt")
        func given(_ files: [(String, Document.Access)]) throws -> GivenDocuments {
            var given = GivenDocuments()
            for (file, access) in files {
                try given.add(DocumentDescription(path: scratch.file(file), role: .text), access: access)
            }
            return given
        }
        #expect(throws: RegistryError.self) { try given([("a.txt", .public), ("b.txt", .restricted)]) }
        #expect(throws: RegistryError.self) { try given([("b.txt", .restricted), ("a.txt", .public)]) }
        let both = try given([("a.txt", .public), ("c.txt", .restricted)])
        #expect(both.documents.map(\.name) == ["a.txt", "document-1"])
        // The same twice is committed to apart: nobody sees that it is the same.
        let twice = try given([("a.txt", .restricted), ("b.txt", .restricted)])
        #expect(twice.documents.map(\.name) == ["document-1", "document-2"])
        #expect(Set(twice.documents.map(\.commitment)).count == 2)
    }

    // MARK: The same again

    @Test func `The same agreement again is known by its restricted document, and another is not`() async throws {
        let registry = try await ScratchRegistry.established()
        _ = try await registry.addRestricted("R-1", text: Self.text)
        let known = try await registry.registrar().state.agreement(AgreementID("R-1")!)!.registration
        func isSame(_ text: String, title: String? = nil, in folder: RegistryFolder? = nil) throws -> Bool {
            let (document, restricted) = try registry.restrictedDocument(text, name: "again.txt")
            return ScratchRegistry.body(title: title, documents: [document])
                .isSame(as: known, restricted: restricted, registry: folder ?? registry.registry)
        }
        #expect(try isSame(Self.text))
        #expect(try !isSame(Self.text.replacing("nine", with: "four")), "as long, and another text")
        #expect(try !isSame(Self.text + "\n"))
        #expect(try !isSame(Self.text, title: "A title"))
        let copy = try RegistryCopy(of: registry)
        try copy.remove("restricted")
        #expect(try !isSame(Self.text, in: copy.registry), "without the key nobody can tell")
    }

    @Test func `The program adds a restricted agreement once, by options and from a catalogue`() async throws {
        let folder = try CommandFolder()
        try folder.scratch.write(Self.text, to: "secret.txt")
        let options = [
            "add", "--restricted", "secret.txt", "--kind", "agreement", "--sign", "KZ,UZ", "--yes", "--json",
        ]
        try folder.scratch.write(
            """
            {"agreements":[{"id":"C-1","title":null,"titleStatus":"unpublished","kind":"agreement",
              "parties":[{"party":"KZ"},{"party":"UZ"}],"concluded":{},
              "documents":[{"file":"secret.txt","role":"text","access":"restricted"}]}]}
            """, to: "catalogue.json")
        for arguments in [options, ["add", "--from", "catalogue.json", "--sign", "KZ,UZ", "--yes", "--json"]] {
            let first = try folder.bitim(arguments)
            #expect(first.status == 0, "\(first.standardError)")
            let second = try folder.answer(folder.bitim(arguments))
            #expect(try folder.answer(first).added.map(\.wasThere) == [false])
            #expect(second.added.map(\.wasThere) == [true])
            #expect(try second.added.map(\.index) == folder.answer(first).added.map(\.index))
        }
        let report = try await folder.audit()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.entries == 3 && report.documents.present == 2)
        // As long, and not the same.
        try folder.scratch.write(Self.text.replacing("nine", with: "four"), to: "secret.txt")
        let other = try folder.answer(folder.bitim(options))
        #expect(other.added.map(\.wasThere) == [false])
    }

    @Test func `An event brings restricted documents as a registration does`() async throws {
        let folder = try CommandFolder()
        _ = try folder.bitim(folder.adding("one", id: "A-1"))
        try folder.scratch.write(Self.text, to: "secret.txt")
        let run = try folder.bitim([
            "record", "consented", "A-1", "--party", "KZ", "--means", "approval", "--restricted", "secret.txt",
            "--restricted-name", "instrument", "--yes",
        ])
        #expect(run.status == 0, "\(run.standardError)")
        let report = try await folder.audit()
        #expect(report.verdict == .passed)
        #expect(report.documents.present == 2)
        let shown = try folder.bitim(["show", "A-1"]).standardOutput
        #expect(shown.contains("text: instrument, \(Self.text.utf8.count) bytes, restricted\n"), "\(shown)")
        #expect(shown.contains("hmac-sha256:"))
    }
}

extension Document {
    func renamed(_ name: String) -> Document {
        Document(
            name: name, role: role, languages: languages, keeper: keeper, mediaType: mediaType, sizeBytes: sizeBytes,
            access: access, digest: digest, commitment: commitment)
    }
}
