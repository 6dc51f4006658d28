import Foundation
import Registry
import Support
import Testing

/// Signatures that are checked before the registry is opened.
@Suite struct EntryExaminationTests {
    @Test func `What was begun with other certificates is not taken for the same`() async throws {
        let registry = try await ScratchRegistry.established()
        let early = EntryExamination(registry.registry)
        #expect(early.isSame(as: try await registry.registrar().examination))
        // Somebody adds a certificate meanwhile.
        let other = try await ScratchRegistry.established()
        let folder = other.registry.fullPath("certificates")
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        try FileManager.default.copyItem(
            atPath: "\(folder)/\(name)", toPath: registry.registry.fullPath("certificates/\(name)"))
        #expect(!early.isSame(as: EntryExamination(registry.registry)))
    }
}
