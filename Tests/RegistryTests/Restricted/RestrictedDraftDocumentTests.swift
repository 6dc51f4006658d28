import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog

/// A party must see the restricted documents that it signs, and hold them against their commitments.
@Suite struct RestrictedDraftDocumentTests {
    private static let text = "The towers of Samarkand shall be nine.\n"
    private static let other = "The towers of Samarkand shall be four.\n"

    /// A draft of a restricted document `document-1`, in a folder of its own with its key beside it.
    private struct Bench {
        let desk: DraftDesk
        let draft: Draft
        let document: Document
        let source: RestrictedDocument
        let scratch = ScratchFolder()

        init(also: [Document] = []) async throws {
            desk = try await DraftDesk.open()
            let (document, restricted) = try desk.home.restrictedDocument(text, name: "secret.txt")
            self.document = document
            source = try #require(restricted[document.commitment!])
            let body = ScratchRegistry.body(title: nil, documents: [document] + also)
            draft = try await desk.ledger("A-1").draft(
                of: .agreementRegistered(body), agreement: AgreementID("A-1")!, expires: nil)
            let keys = try DraftPlace.create(path, draft, restricted: restricted)
            #expect(keys == [keyPath])
        }

        var path: String { scratch.file("a.draft") }
        var keyPath: String { "\(path).document-1.key" }

        func find(given: [String] = [], keys: [String] = []) throws -> DraftDocuments {
            try DraftDocuments(
                of: draft.statement, given: given, keys: keys, beside: path, registry: desk.home.registry)
        }

        /// Takes the key away from where it was written.
        func moveKey() throws -> String {
            let moved = scratch.file("moved.key")
            try FileManager.default.moveItem(atPath: keyPath, toPath: moved)
            return moved
        }

        func write(_ text: String, to name: String) throws -> String {
            try scratch.write(text, to: name)
            return scratch.file(name)
        }
    }

    @Test func `The key is written beside the draft, for its owner alone, and is not in the draft`() async throws {
        let bench = try await Bench()
        #expect(try Files.attributes(bench.keyPath).mode == 0o600)
        let line = bench.source.key.fileBytes
        #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: bench.keyPath))) == line)
        let written = try Data(contentsOf: URL(fileURLWithPath: bench.path))
        #expect(written.range(of: Data(line.dropFirst(16).dropLast())) == nil)
        #expect(try DraftPlace(bench.path).draft.bytes == bench.draft.bytes)
        #expect(bench.draft.statement.event.documents[0].digest == nil)
    }

    @Test func `No key is written over a file, and none is left of a draft that was not written`() async throws {
        let bench = try await Bench()
        let (second, more) = try bench.desk.home.restrictedDocument(Self.other, name: "second.txt")
        let body = ScratchRegistry.body(title: nil, documents: [bench.document, second.renamed("document-2")])
        let draft = try await bench.desk.ledger("A-2").draft(
            of: .agreementRegistered(body), agreement: AgreementID("A-2")!, expires: nil)
        let restricted = [bench.document.commitment!: bench.source].merging(more) { $1 }
        let path = bench.scratch.file("b.draft")
        let taken = try bench.write("mine", to: "b.draft.document-2.key")
        await DraftDesk.expectRefusal("b.draft.document-2.key is there already", .conflict) {
            _ = try DraftPlace.create(path, draft, restricted: restricted)
        }
        #expect(try String(contentsOfFile: taken, encoding: .utf8) == "mine")
        #expect(Files.kind(path) == nil)
        #expect(Files.kind("\(path).document-1.key") == nil)
        // Where the draft's own name is taken, its keys are not written at all.
        let before = try Data(contentsOf: URL(fileURLWithPath: bench.keyPath))
        await DraftDesk.expectRefusal("a.draft is there already", .conflict) {
            _ = try DraftPlace.create(bench.path, draft, restricted: restricted)
        }
        #expect(Files.kind("\(bench.path).document-2.key") == nil)
        #expect(try Data(contentsOf: URL(fileURLWithPath: bench.keyPath)) == before)
        // No draft goes without its keys.
        await DraftDesk.expectRefusal("the key of the document document-2 is not here", .unavailable) {
            _ = try DraftPlace.create(
                bench.scratch.file("c.draft"), draft, restricted: [bench.document.commitment!: bench.source])
        }
        #expect(Files.kind(bench.scratch.file("c.draft")) == nil)
        #expect(Files.kind(bench.scratch.file("c.draft.document-1.key")) == nil)
    }

    @Test func `Document and key are found where they were named, beside the draft, or in the registry`() async throws {
        let bench = try await Bench()
        let commitment = try #require(bench.document.commitment)
        let file = try bench.write(Self.text, to: "elsewhere.txt")
        #expect(try bench.find(given: [file]).restricted[commitment]?.path == file)
        let key = try bench.moveKey()
        let found = try bench.find(given: [file], keys: [key])
        #expect(found.files.isEmpty)
        #expect(found.restricted[commitment]?.path == file)
        #expect(found.restricted[commitment]?.key.fileBytes == bench.source.key.fileBytes)
        let beside = try bench.write(Self.text, to: "document-1")
        #expect(try bench.find(keys: [key]).restricted[commitment]?.path == beside)
        try FileManager.default.removeItem(atPath: beside)
        let place = try RestrictedPlace(bench.document)
        try bench.desk.home.registry.files.replace(place.document, with: Array(Self.text.utf8), mode: 0o600)
        try bench.desk.home.registry.files.replace(place.key, with: bench.source.key.fileBytes, mode: 0o600)
        let held = bench.desk.home.registry.fullPath(place.document)
        #expect(try bench.find().restricted[commitment]?.path == held)
    }

    @Test func `Without its key, or without the document, nothing is signed`() async throws {
        let bench = try await Bench()
        await DraftDesk.expectRefusal("the restricted document document-1 is not here", .unavailable) {
            _ = try bench.find()
        }
        let file = try bench.write(Self.text, to: "document-1")
        _ = try bench.moveKey()
        for given in [[], [file]] {
            await DraftDesk.expectRefusal("document-1 is restricted, and its key is missing", .unavailable) {
                _ = try bench.find(given: given)
            }
        }
        _ = try bench.write("hmac-sha256-key:\n", to: "a.draft.document-1.key")
        await DraftDesk.expectRefusal("is not the key of a document", .unavailable) { _ = try bench.find() }
    }

    @Test func `Other bytes, another size, and another key are refused, and no digest is told`() async throws {
        let bench = try await Bench()
        let search = LeakSearch(content: Array(Self.other.utf8), phrase: "shall be four")
        let right = try bench.write(Self.text, to: "right.txt")
        try bench.scratch.write(try DocumentKey.random().fileBytes, to: "wrong.key")
        let wrongKey = bench.scratch.file("wrong.key")
        let words = "has other bytes than the restricted document document-1 of the statement, or its key"
        func refused(_ words: String, given: [String], keys: [String] = []) throws {
            let error = #expect(throws: RegistryError.self) { try bench.find(given: given, keys: keys) }
            #expect(error?.code == .refused)
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            let said = "\(error?.message ?? "") \(error?.hint ?? "") \(error?.findings ?? [])"
            #expect(search.found(in: Data(said.utf8)) == [])
            #expect(!said.contains(ContentDigest.of(Array(Self.text.utf8)).hex))
        }
        try refused(words, given: [bench.write(Self.other, to: "other.txt")])
        try refused("statement: 38 bytes, not 39", given: [bench.write(String(Self.other.dropLast()), to: "short.txt")])
        // A file that is none of the documents, while the right ones are there.
        try refused("other.txt is none of the draft's documents", given: [right, bench.scratch.file("other.txt")])
        try refused("wrong.key is the key of none", given: [right], keys: [wrongKey])
        let key = try bench.moveKey()
        try refused(words, given: [right], keys: [wrongKey])
        #expect(try bench.find(given: [right], keys: [key]).restricted.count == 1)
        // Beside the draft it is held against the commitment too.
        let beside = try bench.write(Self.other, to: "document-1")
        try refused(words, given: [], keys: [key])
        try refused("document-1 has other bytes than the document", given: [right, beside], keys: [key])
    }

    @Test func `Public and restricted documents go side by side`() async throws {
        let scratch = ScratchFolder()
        // As long as the restricted one.
        try scratch.write(Self.other, to: "open.txt")
        var given = GivenDocuments()
        try given.add(DocumentDescription(path: scratch.file("open.txt"), role: .text), access: .public)
        let bench = try await Bench(also: given.documents)
        let secret = try bench.write(Self.text, to: "secret.txt")
        let open = scratch.file("open.txt")
        for files in [[secret, open], [open, secret]] {
            let found = try bench.find(given: files)
            #expect(found.files == given.files)
            #expect(found.restricted.values.map(\.path) == [secret])
        }
        await DraftDesk.expectRefusal("the document open.txt is not here", .unavailable) {
            _ = try bench.find(given: [secret])
        }
        await DraftDesk.expectRefusal("the restricted document document-1 is not here", .unavailable) {
            _ = try bench.find(given: [open])
        }
    }
}
