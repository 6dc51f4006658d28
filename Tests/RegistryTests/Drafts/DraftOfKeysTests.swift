import Agreements
import OpenSSLKit
import Registry
import Support
import Testing

/// A change of keys needs every party's signature, and brings its certificates along.
@Suite struct DraftOfKeysTests {
    private struct Change {
        let desk: DraftDesk
        let draft: Draft
        let certificate: Certificate
        let key: PrivateKey
    }

    /// A third signer for KZ.
    private static func change() async throws -> Change {
        let desk = try await DraftDesk.open()
        let authority = try desk.home.authority("KZ")
        let key = try PrivateKey.generateP256()
        let certificate = try CertificateForge(issuer: authority.certificate, issuerKey: authority.key)
            .ordinary("KZ signer 3", key.publicKey)
        let listed = RegistrySigner(
            certificate: ContentDigest(certificate.fingerprint),
            publicKey: SubjectPublicKeyInfo(derBytes: try key.publicKey.subjectPublicKeyInfo()))
        let ledger = try await DraftLedger.read(
            registry: desk.home.registry, keys: desk.home.keys, agreement: nil, now: desk.now)
        let draft = try ledger.draft(
            of: .registryChanged(RegistryChanged(signers: [.add(listed, to: ScratchRegistry.kz)])), agreement: nil,
            expires: nil, offered: [certificate])
        return Change(desk: desk, draft: draft, certificate: certificate, key: key)
    }

    @Test func `It is signed apart and registered, and the new signer signs`() async throws {
        let change = try await Self.change()
        let desk = change.desk
        #expect(change.draft.required == [ScratchRegistry.kz, ScratchRegistry.uz])
        let sent = try Draft(parsing: change.draft.bytes, name: "sent")
        #expect(sent.offered.map(\.fingerprint) == [change.certificate.fingerprint])
        let signed = try await desk.signed(try await desk.signed(sent, by: "UZ"), by: "KZ")
        try await desk.report(signed).requireRegistrable()
        let registrar = try await desk.home.registrar()
        registrar.offer(signed.offered)
        _ = try registrar.queue(leaf: signed.leaf(), documents: [:])
        _ = try await registrar.commit()
        desk.home.advance(by: 10)
        #expect(try await desk.home.audit().verdict == .passed)

        let next = try await desk.draft("A-1")
        let bytes = try SignedData.sign(
            next.statementBytes, certificate: change.certificate, key: change.key, signingTime: desk.now)
        let taken = try await desk.taking(bytes, into: next, certificates: [change.certificate])
        #expect(try await desk.report(taken).party(ScratchRegistry.kz) != nil)
    }

    @Test func `Of two rival changes the first in wins, and the other is told why`() async throws {
        let change = try await Self.change()
        let desk = change.desk
        let ledger = try await DraftLedger.read(
            registry: desk.home.registry, keys: desk.home.keys, agreement: nil, now: desk.now)
        let old = ContentDigest(try desk.home.signer("UZ", 2).certificate.fingerprint)
        var rival = try ledger.draft(
            of: .registryChanged(RegistryChanged(signers: [.retire(old, of: ScratchRegistry.uz)])), agreement: nil,
            expires: nil)
        for party in ["KZ", "UZ"] { rival = try await desk.signed(rival, by: party) }
        try await desk.register(rival)
        await DraftDesk.expectRefusal("entry 1, registry.changed, came in first", .conflict) {
            try await desk.report(change.draft).requireRegistrable()
        }
    }

    @Test func `Certificates that the statement does not name do not come along`() async throws {
        let change = try await Self.change()
        let stranger = try change.desk.home.signer("UZ").certificate
        let file = DraftFile(
            statement: change.draft.statement, offered: [stranger.derBytes], required: change.draft.required,
            signatures: [])
        await DraftDesk.expectRefusal("offered[0]", .unavailable) {
            _ = try Draft(parsing: file.bytes, name: "draft")
        }
        let other = try await change.desk.draft("A-1")
        let mixed = DraftFile(
            statement: other.statement, offered: [change.certificate.derBytes], required: other.required, signatures: []
        )
        await DraftDesk.expectRefusal("offered[0]", .unavailable) { _ = try Draft(parsing: mixed.bytes, name: "draft") }
    }
}
