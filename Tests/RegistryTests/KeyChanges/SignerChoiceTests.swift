import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// Which of a party's keys signs: the first that can.
@Suite struct SignerChoiceTests {
    private static let kz = ScratchRegistry.kz

    /// KZ has a new authority with two new signers; the old authority is revoked, and its signers stay listed.
    static func withRevokedAuthority() async throws -> ScratchRegistry {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let old = ContentDigest(try registry.authority("KZ").certificate.fingerprint)
        let made = try registry.rotation().authority(of: kz)
        try await registry.change(
            RegistryChanged(
                authorities: made.authorities.filter { $0.action == .add } + [AuthorityChange(.revoke, old, of: kz)],
                signers: made.signers.filter { $0.action == .add }))
        return registry
    }

    private func signerOfKZ(_ index: Int64, _ registry: ScratchRegistry) async throws -> String {
        let reading = try await RegistryReading.read(
            registry: registry.registry, keys: registry.keys, selection: .all, now: registry.now)
        let judged = try #require(reading.judged.first { $0.index == index })
        #expect(judged.verdict == .passed)
        return try #require(judged.signers.first { $0.party == Self.kz }?.subject)
    }

    @Test func `A signer whose authority is revoked is passed over`() async throws {
        let registry = try await Self.withRevokedAuthority()
        try await registry.add("KZ-UZ-2")
        #expect(try await signerOfKZ(3, registry).contains("KZ signer 3"))
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")

        for number in [3, 4] { registry.keys.files.remove(KeyVault.keyName(Self.kz, .signer(number))) }
        await DraftDesk.expectRefusal("no key of a signer of KZ who can sign now is in") {
            try await registry.add("KZ-UZ-3")
        }
    }

    @Test(arguments: [true, false])
    func `A draft is signed by one who can sign, with the registry and without`(_ withLedger: Bool) async throws {
        let desk = DraftDesk(home: try await Self.withRevokedAuthority())
        let signed = try await desk.signed(try await desk.draft("A-1"), by: "KZ", withLedger: withLedger)
        #expect(signed.signatures.first?.certificate.subject.contains("KZ signer 3") ?? false)
        // What was asked for is not replaced by another one.
        await DraftDesk.expectRefusal("can sign now") {
            _ = try await desk.signed(try await desk.draft("A-2"), by: "KZ", number: 1, withLedger: withLedger)
        }
    }

    @Test func `Without the registry a revoked signer does not sign a draft`() async throws {
        let home = try await ScratchRegistry.established()
        try await home.change(try home.enrolment("KZ").withdraw("signer-1", .revoke))
        let desk = DraftDesk(home: home)
        let signed = try await desk.signed(try await desk.draft("A-1"), by: "KZ", withLedger: false)
        #expect(signed.signatures.first?.certificate.subject.contains("KZ signer 2") ?? false)
    }

    @Test func `An expired signer is passed over`() async throws {
        let registry = try await ScratchRegistry.established()
        let authority = try registry.authority("KZ")
        let forge = CertificateForge(issuer: authority.certificate, issuerKey: authority.key)
        var added: [[Certificate]] = []
        for (number, end) in [(3, registry.now + 1000), (4, registry.now + 1_000_000)] {
            let key = try PrivateKey.generateP256()
            added.append([try forge.ordinary("KZ signer \(number)", key.publicKey, notAfter: end)])
            try registry.keys.files.create(
                KeyVault.keyName(Self.kz, .signer(number)), with: try key.pem(passphrase: nil).revealed(), mode: 0o600)
        }
        let old = try registry.keys.signers(Self.kz).map { ContentDigest($0.fingerprint) }
        try registry.enrolment("KZ").prepare(authorities: [], signers: added)
        let enrolled = try registry.enrolment("KZ").enrolPrepared().change
        try await registry.change(
            RegistryChanged(signers: enrolled.signers + old.map { .retire($0, of: Self.kz) }))
        try await registry.add("KZ-UZ-1")
        #expect(try await signerOfKZ(2, registry).contains("KZ signer 3"))
        registry.advance(by: 2000)
        try await registry.add("KZ-UZ-2")
        #expect(try await signerOfKZ(3, registry).contains("KZ signer 4"))
        #expect(try await registry.audit().findings.isEmpty)
    }
}
