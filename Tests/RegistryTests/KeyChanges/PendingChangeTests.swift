import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// A change of keys that waits for a witness, and what may happen to it meanwhile: there is always a way on.
@Suite struct PendingChangeTests {
    /// UZ's witness is away while the change is added.
    private func pend(
        _ registry: ScratchRegistry, _ change: RegistryChanged, expires: Int64? = nil
    ) async throws -> [UInt8] {
        let name = "private/UZ-witness.pem"
        let pem = try Files.read(registry.keys.fullPath(name), maximumBytes: 1 << 16)
        registry.keys.files.remove(name)
        let registrar = try await registry.registrar()
        registrar.offer(try registry.keys.preparedSigners(ScratchRegistry.kz).flatMap(\.certificates))
        let statement = try registrar.statement(
            of: .registryChanged(change), agreement: nil,
            expires: expires.flatMap { UTCTime(posixSeconds: $0) })
        _ = try registrar.sign(statement, documents: [:])
        guard case .pending(_, let missing, _) = try await registrar.commit() else {
            Issue.record("it is published")
            return pem
        }
        #expect(missing == ["UZ"])
        return pem
    }

    private func void(_ index: Int64, in registry: ScratchRegistry) async throws -> Registrar.Publishing {
        let registrar = try await registry.registrar()
        let leafHash = try #require(registrar.state.leafHash(of: index))
        _ = try registrar.sign(
            registrar.statement(
                of: .registryVoided(RegistryVoided(entry: index, leafHash: leafHash, reason: "It came too late.")),
                agreement: nil), documents: [:])
        return try await registrar.commit()
    }

    private func put(_ leaf: [UInt8], into registry: ScratchRegistry) async throws -> Registrar.Publishing {
        let registrar = try await registry.registrar()
        _ = try registrar.queue(leaf: leaf, documents: [:])
        return try await registrar.commit()
    }

    private func enrol(_ signer: Certificate, in registry: ScratchRegistry) async throws {
        let registrar = try await registry.registrar()
        registrar.offer([signer])
        let add = RegistryChanged(signers: [.add(try KeyRotation.listed(signer), to: ScratchRegistry.kz)])
        _ = try registrar.sign(registrar.statement(of: .registryChanged(add), agreement: nil), documents: [:])
        _ = try await registrar.commit()
        registry.advance(by: 10)
    }

    @Test func `A change that lapses while it is pending is voided, and the registry goes on`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let change = try registry.enrolment("KZ").withdraw("signer-2", .revoke)
        let pem = try await pend(registry, change, expires: registry.now + 5)
        registry.advance(by: 60)
        try registry.keys.files.create("private/UZ-witness.pem", with: pem, mode: 0o600)
        // It can neither be published nor does it count.
        let refusal = await #expect(throws: RegistryError.self) {
            try await registry.registrar().cosign(parties: [ScratchRegistry.uz])
        }
        #expect(refusal?.findings.contains { $0.key == "statement.expired" } ?? false)
        #expect(try await registry.audit().findings.contains { $0.key == "statement.expired" })
        guard case .published = try await void(2, in: registry) else {
            Issue.record("it is still pending")
            return
        }
        registry.advance(by: 10)
        try await registry.add("KZ-UZ-2")
        let report = try await registry.audit()
        #expect(report.verdict == .passed, "\(report.findings)")
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.constitution[ScratchRegistry.kz]?.signers.count == 2)
    }

    @Test func `A signer who expires while a change is pending does not end the log`() async throws {
        let registry = try await ScratchRegistry.established()
        // A signer of KZ who is valid for a minute signs the change.
        let authority = try registry.authority("KZ")
        let key = try PrivateKey.generateP256()
        let brief = try Certificate.issued(
            CertificateRequest(
                subject: [("CN", "KZ brief")], notBefore: registry.now - 10, notAfter: registry.now + 60,
                isAuthority: false),
            publicKey: key.publicKey, issuer: authority.certificate, issuerKey: authority.key)
        try registry.enrolment("KZ").prepare(authorities: [], signers: [[brief]])
        try await registry.change(try registry.enrolment("KZ").enrolPrepared().change)
        let change = try registry.enrolment("UZ").withdraw("signer-2", .retire)
        let statement = try await registry.registrar().statement(of: .registryChanged(change), agreement: nil)
        let leaf = try registry.leaf(
            content: statement.canonicalBytes, signers: [(brief, key), try registry.signer("UZ")])
        let name = "private/UZ-witness.pem"
        let pem = try Files.read(registry.keys.fullPath(name), maximumBytes: 1 << 16)
        registry.keys.files.remove(name)
        guard case .pending = try await put(leaf, into: registry) else {
            Issue.record("it is published")
            return
        }
        registry.advance(by: 600)
        try registry.keys.files.create(name, with: pem, mode: 0o600)
        let refusal = await #expect(throws: RegistryError.self) {
            try await registry.registrar().cosign(parties: [ScratchRegistry.uz])
        }
        #expect(refusal?.findings.contains { $0.key == "entry.signer.expired" } ?? false)
        guard case .published = try await void(2, in: registry) else {
            Issue.record("it is still pending")
            return
        }
        registry.advance(by: 10)
        try await registry.add("KZ-UZ-1")
        let report = try await registry.audit()
        #expect(report.verdict == .passed, "\(report.findings)")
        // Taken back, the change holds no longer.
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.constitution[ScratchRegistry.uz]?.signers.count == 2)
    }

    /// KZ's signer 1 is replaced by signer 3, and 2, the spare, lies in a safe.
    private func pendingRotation() async throws -> (registry: ScratchRegistry, witness: [UInt8]) {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        registry.keys.files.remove(KeyVault.keyName(ScratchRegistry.kz, .signer(2)))
        let old = ContentDigest(try registry.signer("KZ").certificate.fingerprint)
        let made = try registry.rotation().signer(of: ScratchRegistry.kz, replacing: old)
        let witness = try await pend(registry, made)
        registry.advance(by: 10)
        return (registry, witness)
    }

    @Test func `While a rotation is pending the new signer signs, whose certificate is still prepared`() async throws {
        let (registry, witness) = try await pendingRotation()
        #expect(try registry.keys.preparedSigners(ScratchRegistry.kz).map(\.number) == [3])
        try await registry.add("KZ-UZ-2")
        let presence = try PrivateKeyPresence(
            OpenedLedger.open(registry: registry.registry, keys: registry.keys, now: registry.now))
        #expect(presence.parties.first { $0.party == ScratchRegistry.kz }?.signers == [3])
        try registry.keys.files.create("private/UZ-witness.pem", with: witness, mode: 0o600)
        guard case .published(let head) = try await registry.registrar().publish() else {
            Issue.record("it is still pending")
            return
        }
        #expect(head.size == 4)
        #expect(try registry.keys.preparedSigners(ScratchRegistry.kz).isEmpty)
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
    }

    @Test func `While a rotation is pending the next one makes another key`() async throws {
        let (registry, witness) = try await pendingRotation()
        let third = try #require(try registry.keys.preparedSigners(ScratchRegistry.kz).first?.certificates.first)
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys, now: registry.now)
        let next = try KeyRotation(ledger, vault: registry.vault(), passphrase: nil, now: registry.now)
            .signer(of: ScratchRegistry.kz, replacing: ContentDigest(third.fingerprint))
        #expect(try registry.keys.preparedSigners(ScratchRegistry.kz).map(\.number) == [3, 4])
        try registry.keys.files.create("private/UZ-witness.pem", with: witness, mode: 0o600)
        guard case .published = try await registry.change(next) else {
            Issue.record("it is still pending")
            return
        }
        try await registry.add("KZ-UZ-2")
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
        // The one that came and went before anything was published is not taken up again.
        #expect(try registry.keys.numberedSigners(ScratchRegistry.kz).map(\.number) == [1, 2, 4])
        #expect(throws: RegistryError.self) { try registry.enrolment("KZ").enrolPrepared() }
    }

    @Test(arguments: [nil, 3])
    func `While a rotation is pending the new signer signs drafts`(_ number: Int?) async throws {
        let (registry, witness) = try await pendingRotation()
        let desk = DraftDesk(home: registry)
        let draft = try await desk.signed(try await desk.draft("A-1"), by: "KZ", number: number)
        #expect(draft.signatures.first?.certificate.subject.contains("KZ signer 3") ?? false)
        try await desk.register(try await desk.signed(draft, by: "UZ"))
        try registry.keys.files.create("private/UZ-witness.pem", with: witness, mode: 0o600)
        _ = try await registry.registrar().publish()
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
    }

    @Test func `What is prepared and on no list signs nothing`() async throws {
        let registry = try await ScratchRegistry.established()
        let old = ContentDigest(try registry.signer("KZ").certificate.fingerprint)
        _ = try registry.rotation().signer(of: ScratchRegistry.kz, replacing: old)
        for number in [1, 2] { registry.keys.files.remove(KeyVault.keyName(ScratchRegistry.kz, .signer(number))) }
        await DraftDesk.expectRefusal("no key of a listed signer of KZ", .unavailable) {
            try await registry.add("KZ-UZ-1")
        }
    }

    @Test func `The latest change can be voided, and an older one cannot`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.change(try registry.enrolment("KZ").withdraw("signer-2", .revoke))
        try await registry.change(try registry.enrolment("UZ").withdraw("signer-2", .revoke))
        let refusal = await #expect(throws: RegistryError.self) { try await self.void(1, in: registry) }
        #expect(refusal?.findings.map(\.key) == ["registry.void.refused"])
        _ = try await void(2, in: registry)
        registry.advance(by: 10)
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.constitution[ScratchRegistry.uz]?.signers.count == 2)
        #expect(ledger.constitution[ScratchRegistry.kz]?.signers.count == 1)
        try await registry.add("KZ-UZ-1")
        let report = try await registry.audit()
        #expect(report.verdict == .passed, "\(report.findings)")
    }

    @Test func `Nothing is added while the checkpoint that a change rests on is gone`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        try await registry.change(try registry.enrolment("KZ").withdraw("signer-1", .revoke))
        try await registry.add("KZ-UZ-2")
        let path = "checkpoints/002"
        let bytes = try Files.read(registry.registry.fullPath(path), maximumBytes: 1 << 20)
        registry.registry.files.remove(path)
        let refusal = await #expect(throws: RegistryError.self) { try await registry.add("KZ-UZ-3") }
        #expect(refusal?.message.contains("rests on a checkpoint that is not here") ?? false)
        #expect(try await registry.audit().verdict == .failed)
        try registry.registry.files.create(path, with: bytes)
        try await registry.add("KZ-UZ-3")
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
    }

    @Test(arguments: ["log", "witness", "signer"])
    func `Dead after the log remembered a tree with a change: the very same tree is signed`(
        _ kind: String
    ) async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let old = ContentDigest(try registry.signer("KZ").certificate.fingerprint)
        let change =
            switch kind {
            case "log": try registry.rotation().log()
            case "witness": try registry.rotation().witness(of: ScratchRegistry.kz)
            default: try registry.rotation().signer(of: ScratchRegistry.kz, replacing: old)
            }
        let pem = try await pend(registry, change)
        let pending = registry.registry.fullPath(RegistryFolder.pendingName)
        let head = try OpenedLedger.open(
            registry: registry.registry, keys: registry.keys, now: registry.now
        ).fullHead
        registry.registry.files.remove(RegistryFolder.pendingName)
        try registry.keys.files.create("private/UZ-witness.pem", with: pem, mode: 0o600)
        guard case .published(let published) = try await registry.registrar().publish() else {
            Issue.record("it is still pending")
            return
        }
        #expect(published == head)
        #expect(Files.kind(pending) == nil)
        registry.advance(by: 10)
        try await registry.add("KZ-UZ-2")
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
    }

    @Test func `A second witness of a party comes into the quorum, and either is enough`() async throws {
        let registry = try await ScratchRegistry.established()
        let before = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).constitution.quorum
        let key = try PrivateKey.generateEd25519()
        let name = try #require(KeyName("kz/second"))
        let verifierKey = try Cosigner(name: name, key: key).verifierKey
        let quorum = try Quorum(
            witnesses: (before.witnesses + [Witness(name: "KZ-2", party: ScratchRegistry.kz, key: verifierKey.text)])
                .sorted { $0.name < $1.name },
            groups: [
                WitnessGroup(name: "KZ-any", threshold: 1, members: ["KZ", "KZ-2"]),
                WitnessGroup(name: "parties", threshold: 2, members: ["KZ-any", "UZ"]),
            ], name: "parties")
        try await registry.change(RegistryChanged(quorum: quorum))
        // The first is away, and the second has come with a memory of its own.
        registry.keys.files.remove("private/KZ-witness.pem")
        try registry.keys.files.create(
            KeyVault.witnessKeyName(ScratchRegistry.kz, verifierKey), with: try key.pem(passphrase: nil).revealed(),
            mode: 0o600)
        try await registry.add("KZ-UZ-1")
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.published?.witnesses == ["KZ-2", "UZ"])
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
    }

    @Test func `Desks of one party that prepare keys apart do not get into each other's way`() async throws {
        let registry = try await ScratchRegistry.established()
        let old = ContentDigest(try registry.signer("KZ").certificate.fingerprint)
        let first = try registry.rotation().signer(of: ScratchRegistry.kz, replacing: old)
        // The same command again goes on with the same key.
        #expect(try registry.rotation().signer(of: ScratchRegistry.kz, replacing: old) == first)
        // Another desk was faster: its signer takes the number here.
        let authority = try registry.authority("KZ")
        let foreign = try Certificate.issued(
            CertificateRequest(
                subject: [("CN", "KZ elsewhere")], notBefore: registry.now - 10, notAfter: registry.now + 1_000_000,
                isAuthority: false),
            publicKey: try PrivateKey.generateP256().publicKey, issuer: authority.certificate,
            issuerKey: authority.key)
        try await enrol(foreign, in: registry)
        try await registry.change(first)
        // The retired one is away: the new one signs, whatever its number.
        registry.keys.files.remove(KeyVault.keyName(ScratchRegistry.kz, .signer(1)))
        registry.keys.files.remove(KeyVault.keyName(ScratchRegistry.kz, .signer(2)))
        try await registry.add("KZ-UZ-1")
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(try registry.keys.numberedSigners(ScratchRegistry.kz).count == 4)
        #expect(try registry.keys.preparedSigners(ScratchRegistry.kz).isEmpty)
    }
}
