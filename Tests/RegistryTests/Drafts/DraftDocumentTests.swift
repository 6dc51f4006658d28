import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog

/// A party must see what it signs.
@Suite struct DraftDocumentTests {
    private static let text = "The text.\n"

    private static func drafted(_ desk: DraftDesk) async throws -> (draft: Draft, path: String) {
        let (document, files) = try desk.home.document(text, name: "treaty.txt")
        let draft = try await desk.ledger("A-1").draft(
            of: .agreementRegistered(ScratchRegistry.body(documents: [document])), agreement: AgreementID("A-1")!,
            expires: nil)
        return (draft, try #require(files.values.first))
    }

    private static func find(
        _ draft: Draft, _ desk: DraftDesk, given: [String] = [], folder: String
    ) throws -> DraftDocuments {
        try DraftDocuments(of: draft.statement, given: given, beside: "\(folder)/a.draft", registry: desk.home.registry)
    }

    @Test func `They are found where they were named, beside the draft, or in the registry`() async throws {
        let desk = try await DraftDesk.open()
        let (draft, path) = try await Self.drafted(desk)
        let digest = try #require(draft.statement.event.documents[0].digest)
        let beside = ScratchFolder()
        await DraftDesk.expectRefusal("the document treaty.txt is not here", .unavailable) {
            _ = try Self.find(draft, desk, folder: beside.path)
        }
        #expect(try Self.find(draft, desk, given: [path], folder: beside.path).files == [digest: path])
        try beside.write(Self.text, to: "treaty.txt")
        #expect(try Self.find(draft, desk, folder: beside.path).files == [digest: beside.file("treaty.txt")])
        let held = RegistryFolder.documentName(digest)
        try desk.home.registry.files.replace(held, with: Array(Self.text.utf8))
        let found = try Self.find(draft, desk, folder: ScratchFolder().path).files
        #expect(found == [digest: desk.home.registry.fullPath(held)])
    }

    @Test func `Other bytes are refused wherever they lie`() async throws {
        let desk = try await DraftDesk.open()
        let (draft, _) = try await Self.drafted(desk)
        let beside = ScratchFolder()
        try beside.write("The test.\n", to: "treaty.txt")
        try beside.write("Something.\n", to: "other.txt")
        let words = "has other bytes than the document treaty.txt"
        await DraftDesk.expectRefusal(words) { _ = try Self.find(draft, desk, folder: beside.path) }
        await DraftDesk.expectRefusal(words) {
            _ = try Self.find(draft, desk, given: [beside.file("treaty.txt")], folder: "/")
        }
        await DraftDesk.expectRefusal("is none of the draft's documents") {
            _ = try Self.find(draft, desk, given: [beside.file("other.txt")], folder: "/")
        }
        // What the registry holds under the name of the right bytes is compared, too.
        let digest = try #require(draft.statement.event.documents[0].digest)
        try desk.home.registry.files.replace(RegistryFolder.documentName(digest), with: Array("The test.\n".utf8))
        await DraftDesk.expectRefusal("the document treaty.txt is not here", .unavailable) {
            _ = try Self.find(draft, desk, folder: "/")
        }
    }

    @Test func `A size that the digest contradicts is refused`() async throws {
        let desk = try await DraftDesk.open()
        let (draft, path) = try await Self.drafted(desk)
        let bytes = try draft.bytes.replacing("\"size\":10}", with: "\"size\":11}")
        let other = try Draft(parsing: bytes, name: "draft")
        await DraftDesk.expectRefusal("has other bytes than the document treaty.txt") {
            _ = try Self.find(other, desk, given: [path], folder: "/")
        }
    }
}
