import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// A change of keys and the certificates that travel beside it, which nobody signs.
@Suite struct ChangeCertificatesTests {
    private static let kz = ScratchRegistry.kz

    private struct Change {
        let desk: DraftDesk
        let draft: Draft
        let certificate: Certificate
    }

    private static func name(_ certificate: Certificate) -> String {
        RegistryFolder.certificateName(ContentDigest(certificate.fingerprint))
    }

    /// A third signer for KZ, below so many intermediates of KZ's authority; alone when the others are retired.
    private static func change(
        _ intermediates: Int = 0, retiringOthers: Bool = false
    ) async throws -> (Change, [Certificate]) {
        let desk = try await DraftDesk.open()
        var issuer = try desk.home.authority("KZ")
        var between: [Certificate] = []
        for number in 0..<intermediates {
            let key = try PrivateKey.generateP256()
            let certificate = try CertificateForge(issuer: issuer.certificate, issuerKey: issuer.key)
                .ordinary("KZ intermediate \(number)", key.publicKey, isAuthority: true)
            issuer = (certificate, key)
            between.append(certificate)
        }
        let key = try PrivateKey.generateP256()
        let certificate = try CertificateForge(issuer: issuer.certificate, issuerKey: issuer.key)
            .ordinary("KZ signer 3", key.publicKey)
        try desk.home.enrolment("KZ").prepare(authorities: [], signers: [[certificate] + between])
        var (change, offered) = try desk.home.enrolment("KZ").enrolPrepared()
        if retiringOthers {
            let others = try desk.home.keys.signers(kz).map { ContentDigest($0.fingerprint) }
            change = RegistryChanged(signers: change.signers + others.map { .retire($0, of: kz) })
        }
        let draft = try await ledger(desk).draft(
            of: .registryChanged(change), agreement: nil, expires: nil, offered: offered)
        return (Change(desk: desk, draft: draft, certificate: certificate), between)
    }

    private static func ledger(_ desk: DraftDesk) async throws -> DraftLedger {
        try await DraftLedger.read(
            registry: desk.home.registry, keys: desk.home.keys, agreement: nil, now: desk.now)
    }

    /// As somebody on the way leaves it.
    private static func carried(_ draft: Draft, offering: [Certificate]) throws -> Draft {
        try Draft(
            parsing: DraftFile(
                statement: draft.statement,
                offered: offering.sorted { ContentDigest($0.fingerprint) < ContentDigest($1.fingerprint) }
                    .map(\.derBytes), required: draft.required,
                signatures: draft.signatures.map(\.derBytes).sorted { $0.lexicographicallyPrecedes($1) }
            ).bytes, name: "carried")
    }

    private static func register(_ draft: Draft, on desk: DraftDesk) async throws {
        let registrar = try await desk.home.registrar()
        registrar.offer(draft.offered)
        _ = try registrar.queue(leaf: draft.leaf(), documents: [:])
        _ = try await registrar.commit()
        desk.home.advance(by: 10)
    }

    private static func signed(_ draft: Draft, on desk: DraftDesk) async throws -> Draft {
        try await desk.signed(try await desk.signed(draft, by: "UZ"), by: "KZ")
    }

    @Test func `A change without its certificates is not signed, not registered and not cosigned`() async throws {
        let (change, _) = try await Self.change()
        let desk = change.desk
        let stripped = try Self.carried(change.draft, offering: [])
        for withLedger in [true, false] {
            await DraftDesk.expectRefusal("certificate") {
                _ = try await desk.signed(stripped, by: "UZ", withLedger: withLedger)
            }
        }
        let signed = try await Self.signed(change.draft, on: desk)
        let strippedLater = try Self.carried(signed, offering: [])
        await DraftDesk.expectRefusal("is not held") {
            try await desk.report(strippedLater).requireRegistrable()
        }
        await DraftDesk.expectRefusal("is not held") { try await Self.register(strippedLater, on: desk) }
        #expect(try await desk.home.audit().verdict == .passed)

        // The log's operator puts it in all the same: the witnesses do not cosign it before the certificate is there.
        try desk.home.putPending([strippedLater.leaf()])
        for party in [Self.kz, ScratchRegistry.uz] {
            await DraftDesk.expectRefusal("is not held") {
                _ = try await desk.home.registrar().cosign(parties: [party])
            }
        }
        try await Self.ledger(desk).placeCertificates(of: signed, at: 1)
        _ = try await desk.home.registrar().publish()
        let report = try await desk.home.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
    }

    @Test func `Other certificates in the place of those that the change names are as good as none`() async throws {
        let (change, between) = try await Self.change(1)
        let desk = change.desk
        let kz = try desk.home.authority("KZ")
        let forge = CertificateForge(issuer: kz.certificate, issuerKey: kz.key)
        let other = try PrivateKey.generateP256().publicKey
        // The same name and the same issuer, another key: a signer's is seen by its digest at once.
        let twin = try forge.ordinary("KZ signer 3", other)
        await DraftDesk.expectRefusal("no certificate that the statement brings onto a list", .unavailable) {
            _ = try Self.carried(change.draft, offering: [twin] + between)
        }
        // An intermediate's is named nowhere: the signer does not chain over it.
        let twinBetween = try forge.ordinary("KZ intermediate 0", other, isAuthority: true)
        let swapped = try Self.carried(change.draft, offering: [change.certificate, twinBetween])
        #expect(swapped.statementDigest == change.draft.statementDigest)
        await DraftDesk.expectRefusal("could not sign for KZ") { _ = try await desk.signed(swapped, by: "UZ") }
        let signed = try await Self.signed(change.draft, on: desk)
        await DraftDesk.expectRefusal("could not sign for KZ") {
            try await Self.register(Self.carried(signed, offering: [change.certificate, twinBetween]), on: desk)
        }
        // With both, the right one is taken and the other left.
        try await Self.register(
            try Self.carried(signed, offering: [change.certificate, twinBetween] + between), on: desk)
        #expect(Files.kind(desk.home.registry.fullPath(Self.name(twinBetween))) == nil)
        #expect(try await desk.home.audit().findings.isEmpty)
    }

    @Test func `What the registry did not get is not removed from keys, and can be brought later`() async throws {
        let (change, _) = try await Self.change()
        let desk = change.desk
        let signed = try await Self.signed(change.draft, on: desk)
        try await Self.register(signed, on: desk)
        // As a registry that lost it, or never had it.
        let home = desk.home
        home.registry.files.remove(Self.name(change.certificate))
        home.keys.files.remove("KZ/signer-3.pem")
        try home.keys.files.create("KZ/prepared/signer-3.pem", with: change.certificate.pem())
        let before = try await home.audit()
        #expect(before.verdict == .indeterminate)
        #expect(Set(before.findings.map(\.key)) == ["certificate.missing"], "\(before.findings)")
        func update() throws {
            _ = try KeysUpdate(OpenedLedger.open(registry: home.registry, keys: home.keys)).write()
        }
        try update()
        #expect(try home.keys.preparedSigners(Self.kz).count == 1)

        try await Self.ledger(desk).placeCertificates(of: try Self.carried(signed, offering: []), at: 1)
        #expect(try await home.audit().verdict == .indeterminate)
        try await Self.ledger(desk).placeCertificates(of: signed, at: 1)
        try update()
        #expect(try home.keys.preparedSigners(Self.kz).isEmpty)
        #expect(try home.keys.signers(Self.kz).contains { $0.fingerprint == change.certificate.fingerprint })
        #expect(try await home.audit().findings.isEmpty)
    }

    @Test func `Only what the change needs is kept of what a draft brings`() async throws {
        let (change, between) = try await Self.change(2)
        let desk = change.desk
        let signed = try await Self.signed(change.draft, on: desk)
        let stranger = try PrivateKey.generateP256()
        let foreign = try Certificate.selfSigned(
            CertificateRequest(
                subject: [("CN", "A stranger's CA")], notBefore: desk.now - 10, notAfter: desk.now + 1_000_000,
                isAuthority: true), key: stranger)
        let uz = try desk.home.authority("UZ")
        let idle = try CertificateForge(issuer: uz.certificate, issuerKey: uz.key)
            .ordinary("An idle CA of UZ", stranger.publicKey, isAuthority: true)
        let offered = [change.certificate, foreign, idle] + between
        try await Self.register(try Self.carried(signed, offering: offered), on: desk)
        for certificate in [foreign, idle] {
            #expect(Files.kind(desk.home.registry.fullPath(Self.name(certificate))) == nil)
        }
        for certificate in between + [change.certificate] {
            #expect(Files.kind(desk.home.registry.fullPath(Self.name(certificate))) == .regular)
        }
        let report = try await desk.home.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
    }

    @Test(arguments: [false, true])
    func `A certificate of the change that is lost later leaves it indeterminate, and the history stands`(
        _ retiringOthers: Bool
    ) async throws {
        let (change, between) = try await Self.change(2, retiringOthers: retiringOthers)
        let desk = change.desk
        try await Self.register(try await Self.signed(change.draft, on: desk), on: desk)
        let home = desk.home
        for lost in [change.certificate] + between {
            let bytes = lost.derBytes
            home.registry.files.remove(Self.name(lost))
            let report = try await home.audit()
            #expect(report.verdict == .indeterminate, "\(lost.subject): \(report.findings)")
            let ledger = try OpenedLedger.open(registry: home.registry, keys: home.keys)
            #expect(ledger.history.state.epochs.map(\.entry) == [0, 1])
            try home.registry.files.create(Self.name(lost), with: bytes)
        }
        #expect(try await home.audit().findings.isEmpty)
    }

    @Test func `A change that was refused at first is registered with its certificates`() async throws {
        let (change, _) = try await Self.change()
        let desk = change.desk
        let half = try await desk.signed(change.draft, by: "UZ")
        let registrar = try await desk.home.registrar()
        registrar.offer(half.offered)
        #expect(throws: RegistryError.self) { try registrar.queue(leaf: half.leaf(), documents: [:]) }
        _ = try registrar.queue(leaf: try await desk.signed(half, by: "KZ").leaf(), documents: [:])
        _ = try await registrar.commit()
        desk.home.advance(by: 10)
        #expect(try await desk.home.audit().findings.isEmpty)
    }

    @Test func `Who could not sign does not come onto a list`() async throws {
        let desk = try await DraftDesk.open()
        let kz = try desk.home.authority("KZ")
        let uz = try desk.home.authority("UZ")
        let key = try PrivateKey.generateP256()
        let ofUZ = try CertificateForge(issuer: uz.certificate, issuerKey: uz.key).ordinary("UZ's own", key.publicKey)
        let forge = CertificateForge(issuer: kz.certificate, issuerKey: kz.key)
        let ordinary = try forge.ordinary("KZ signer 3", key.publicKey)
        let authority = try forge.ordinary("KZ below", key.publicKey, isAuthority: true)
        let unusable = try forge.with(keyUsage: 0x20, ordinary)
        for certificate in [ofUZ, authority, unusable] {
            let registrar = try await desk.home.registrar()
            registrar.offer([certificate])
            let change = RegistryChanged(signers: [.add(try KeyRotation.listed(certificate), to: Self.kz)])
            let error = #expect(throws: RegistryError.self) {
                try registrar.sign(registrar.statement(of: .registryChanged(change), agreement: nil), documents: [:])
            }
            let finding = error?.findings.first { $0.key == "registry.change.certificate" }
            #expect(finding?.severity == .failed, "\(certificate.subject): \(error?.findings ?? [])")
        }
        // A signer's certificate as an authority.
        let registrar = try await desk.home.registrar()
        registrar.offer([ordinary])
        let change = RegistryChanged(
            authorities: [AuthorityChange(.add, ContentDigest(ordinary.fingerprint), of: Self.kz)])
        let error = #expect(throws: RegistryError.self) {
            try registrar.sign(registrar.statement(of: .registryChanged(change), agreement: nil), documents: [:])
        }
        #expect(error?.findings.contains { $0.key == "registry.change.certificate" } ?? false)
    }
}
