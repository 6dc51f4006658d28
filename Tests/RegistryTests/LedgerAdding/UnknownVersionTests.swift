import Agreements
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// An event of an agreement in a version that this program does not know: the others stay what they are, and nothing is
/// added until the program is new enough.
@Suite struct UnknownVersionTests {
    private static func withUnknown() async throws -> ScratchRegistry {
        let registry = try await ScratchRegistry.established()
        try await registry.add("A-1")
        try await registry.add("A-2")
        let event = Event.agreementConsented(AgreementConsented(party: ScratchRegistry.kz, means: .ratification))
        let content = try await registry.registrar().statement(of: event, agreement: AgreementID("A-1"))
            .canonicalBytes.replacing("\"version\":1", with: "\"version\":2")
        try await registry.putByHand([registry.leaf(content: content, signers: [registry.signer("KZ")])])
        return registry
    }

    @Test func `The other agreements and entries are audited as before`() async throws {
        let registry = try await Self.withUnknown()
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate, "\(report.findings)")
        #expect(report.findings.map(\.key).contains("statement.version.unknown"), "\(report.findings)")
        #expect(report.findings.allSatisfy { $0.entry == 3 }, "\(report.findings)")
        #expect(report.entries == 4 && report.agreements == 2)
    }

    @Test(arguments: [false, true])
    func `Nothing is added after it, of whatever agreement`(isIndexed: Bool) async throws {
        let registry = try await IndexUse.$smallestSize.withValue(isIndexed ? 1 : .max) { try await Self.withUnknown() }
        let before = try await registry.audit().treeSize
        for _ in 0..<2 {
            await IndexUse.$smallestSize.withValue(isIndexed ? 1 : .max) {
                await DraftDesk.expectRefusal("entry 3 is of a version that is not known") {
                    try await registry.add("B-1")
                }
            }
            // By then the index tells of it too.
            _ = try await IndexDesk(registry).read(.agreements([AgreementID("A-2")!]), indexed: isIndexed)
        }
        #expect(try await registry.audit().treeSize == before)
    }
}
