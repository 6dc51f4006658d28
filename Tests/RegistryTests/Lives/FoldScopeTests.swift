import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// However few entries are judged, the fold comes to the state of the full pass.
@Suite struct FoldScopeTests {
    private static let a1 = AgreementID("A-1")!

    private func void(_ entry: Int64, in registry: ScratchRegistry) async throws {
        let registrar = try await registry.registrar()
        let leafHash = try #require(registrar.state.leafHash(of: entry))
        let event = Event.registryVoided(.init(entry: entry, leafHash: leafHash, reason: "a test"))
        _ = try registrar.sign(registrar.statement(of: event, agreement: nil), documents: [:])
        _ = try await registrar.commit()
        registry.advance(by: 10)
    }

    private func record(_ event: Event, in registry: ScratchRegistry) async throws {
        let registrar = try await registry.registrar()
        _ = try registrar.sign(registrar.statement(of: event, agreement: Self.a1), documents: [:])
        _ = try await registrar.commit()
        registry.advance(by: 10)
    }

    private func leaf(
        _ event: Event, agreement: AgreementID?, expires: UTCTime? = nil, by parties: [String],
        in registry: ScratchRegistry
    ) async throws -> [UInt8] {
        let statement = try await registry.registrar().statement(of: event, agreement: agreement, expires: expires)
        return try registry.leaf(content: statement.canonicalBytes, signers: parties.map { try registry.signer($0) })
    }

    /// All selections, all sizes, and all checkpoints that an auditor may have kept.
    private func expectOneState(_ registry: ScratchRegistry) async throws {
        let full = try await registry.audit()
        #expect(full.verdict == .passed, "\(full.findings)")
        let selections: [RegistryReading.Selection] = [
            .none, .agreements([Self.a1]), .agreements([AgreementID("A-2")!]), .content([]),
        ]
        for size in 1...full.entries {
            func state(_ selection: RegistryReading.Selection) async throws -> LedgerState {
                try await RegistryReading.read(
                    registry: registry.registry, keys: registry.keys, selection: selection, now: registry.now, at: size
                ).state
            }
            let expected = try await state(.all)
            for selection in selections {
                #expect(try await state(selection) == expected, "\(selection) at \(size)")
            }
        }
        let copy = try RegistryCopy(of: registry)
        for name in try copy.checkedFiles() where name.hasPrefix("checkpoints/") {
            let kept = try copy.bytes(name)
            let report = try await Audit(registry: copy.registry, keys: copy.keys, now: copy.now).run(since: kept)
            #expect(report.verdict == .passed, "\(name): \(report.findings)")
            let since = try #require(report.since ?? nil)
            #expect(since.checked == full.entries - since.size)
        }
    }

    @Test func `A draft that had lapsed and was voided is of no effect for a listing and for an audit that goes on`()
        async throws
    {
        let registry = try await ScratchRegistry.established()
        try await registry.add("A-1")
        try await registry.add("A-2")
        let lapsed = try await leaf(
            .agreementEnteredIntoForce(.init()), agreement: Self.a1, expires: UTCTime(posixSeconds: registry.now + 5),
            by: ["KZ", "UZ"], in: registry)
        registry.advance(by: 20)
        try await registry.putByHand([lapsed])
        try await record(.agreementEnteredIntoForce(.init()), in: registry)
        try await void(3, in: registry)
        try await expectOneState(registry)
        try await record(.agreementTerminated(.init()), in: registry)
        try await expectOneState(registry)
        let listed = try await RegistryReading.read(
            registry: registry.registry, keys: registry.keys, selection: .none, now: registry.now)
        #expect(listed.judged.isEmpty)
        let today = try #require(UTCTime(posixSeconds: registry.now)?.date)
        #expect(listed.state.agreement(Self.a1)?.status(on: today).text == "ended")
    }

    @Test func `What one party alone has voided stays, whatever is judged`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("A-1")
        try await registry.add("A-2")
        let leafHash = try #require(try await registry.registrar().state.leafHash(of: 1))
        let event = Event.registryVoided(.init(entry: 1, leafHash: leafHash, reason: "alone"))
        try await registry.putByHand([leaf(event, agreement: nil, by: ["KZ"], in: registry)])
        try await void(3, in: registry)
        try await expectOneState(registry)
    }

    @Test func `A change of keys by one party alone, voided by all, hinders no listing`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("A-1")
        try await registry.add("A-2")
        let change = try registry.enrolment("KZ").withdraw("signer-1", .retire)
        try await registry.putByHand([leaf(.registryChanged(change), agreement: nil, by: ["KZ"], in: registry)])
        try await void(3, in: registry)
        try await expectOneState(registry)
        // And a good one is folded as the full pass does it.
        try await registry.change(change)
        try await expectOneState(registry)
    }
}
