import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// What was published in time holds for ever, whatever the clock of a reader says.
@Suite struct ProvedChangeTests {
    enum Key: CaseIterable { case log, witness, signer }

    private func rotation(of key: Key, in registry: ScratchRegistry) throws -> RegistryChanged {
        switch key {
        case .log: return try registry.rotation().log()
        case .witness: return try registry.rotation().witness(of: ScratchRegistry.kz)
        case .signer: return try registry.enrolment("KZ").withdraw("signer-2", .revoke)
        }
    }

    private func register(
        _ event: Event, in registry: ScratchRegistry, lapsingIn seconds: Int64? = nil, offering: [Certificate] = []
    ) async throws -> Registrar.Publishing {
        let registrar = try await registry.registrar()
        registrar.offer(offering)
        let expires = seconds.flatMap { UTCTime(posixSeconds: registry.now + $0) }
        _ = try registrar.sign(
            registrar.statement(of: event, agreement: nil, expires: expires), documents: [:])
        return try await registrar.commit()
    }

    private func voiding(of index: Int64, in registry: ScratchRegistry) async throws -> Event {
        let leafHash = try #require(try await registry.registrar().state.leafHash(of: index))
        return .registryVoided(RegistryVoided(entry: index, leafHash: leafHash, reason: "It was a mistake."))
    }

    private func expectSound(_ registry: ScratchRegistry, entries: Int64) async throws {
        registry.advance(by: 3600)
        let report = try await registry.audit()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.treeSize == entries)
        try await registry.add("KZ-UZ-9")
        let after = try await registry.audit()
        #expect(after.verdict == .passed, "\(after.findings)")
    }

    @Test(arguments: Key.allCases)
    func `A voiding with a time to lapse holds once it is published`(key: Key) async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.change(try rotation(of: key, in: registry))
        let event = try await voiding(of: 1, in: registry)
        guard case .published = try await register(event, in: registry, lapsingIn: 5) else {
            Issue.record("it is pending")
            return
        }
        try await expectSound(registry, entries: 3)
    }

    /// UZ's witness is away, so that both are published by one checkpoint, under the keys of the second.
    @Test(arguments: [Key.log, .witness])
    func `A change with a time to lapse holds, whatever keys a later one lays down beside it`(key: Key) async throws {
        let registry = try await ScratchRegistry.established()
        let name = "private/UZ-witness.pem"
        let witness = try Files.read(registry.keys.fullPath(name), maximumBytes: 1 << 16)
        registry.keys.files.remove(name)
        _ = try await register(
            .registryChanged(rotation(of: .signer, in: registry)), in: registry, lapsingIn: 5)
        _ = try await register(.registryChanged(rotation(of: key, in: registry)), in: registry)
        try registry.keys.files.create(name, with: witness, mode: 0o600)
        guard case .published = try await registry.registrar().publish() else {
            Issue.record("it is pending")
            return
        }
        try await expectSound(registry, entries: 3)
    }

    @Test(arguments: Key.allCases)
    func `A change that was voided before it was published leaves the keys as they were`(key: Key) async throws {
        let registry = try await ScratchRegistry.established()
        let name = "private/UZ-witness.pem"
        let witness = try Files.read(registry.keys.fullPath(name), maximumBytes: 1 << 16)
        registry.keys.files.remove(name)
        _ = try await register(.registryChanged(rotation(of: key, in: registry)), in: registry, lapsingIn: 5)
        _ = try await register(voiding(of: 1, in: registry), in: registry)
        try registry.keys.files.create(name, with: witness, mode: 0o600)
        guard case .published = try await registry.registrar().publish() else {
            Issue.record("it is pending")
            return
        }
        try await expectSound(registry, entries: 3)
    }

    @Test func `A certificate whose change lapsed and was voided still belongs to something`() async throws {
        let registry = try await ScratchRegistry.established()
        let name = "private/UZ-witness.pem"
        let witness = try Files.read(registry.keys.fullPath(name), maximumBytes: 1 << 16)
        registry.keys.files.remove(name)
        let old = ContentDigest(try registry.signer("KZ").certificate.fingerprint)
        let change = try registry.rotation().signer(of: ScratchRegistry.kz, replacing: old)
        _ = try await register(
            .registryChanged(change), in: registry, lapsingIn: 5,
            offering: registry.keys.preparedSigners(ScratchRegistry.kz).flatMap(\.certificates))
        registry.advance(by: 60)
        try registry.keys.files.create(name, with: witness, mode: 0o600)
        _ = try await register(voiding(of: 1, in: registry), in: registry)
        let report = try await registry.audit()
        #expect(report.verdict == .passed, "\(report.findings)")
    }
}
