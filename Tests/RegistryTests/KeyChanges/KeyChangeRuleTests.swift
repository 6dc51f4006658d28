import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// What a change of the registry may not do.
@Suite struct KeyChangeRuleTests {
    private func refused(
        _ change: RegistryChanged, in registry: ScratchRegistry, _ key: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let refusal = await #expect(throws: RegistryError.self, sourceLocation: sourceLocation) {
            try await registry.change(change)
        }
        #expect(
            refusal?.findings.contains { $0.key == key } ?? false, "\(refusal?.findings ?? [])",
            sourceLocation: sourceLocation)
        #expect(try await registry.audit().verdict == .passed, sourceLocation: sourceLocation)
    }

    @Test func `A certificate goes off a list once and does not come back`() async throws {
        let registry = try await ScratchRegistry.established()
        let first = try registry.signer("KZ").certificate
        let fingerprint = ContentDigest(first.fingerprint)
        try await registry.change(RegistryChanged(signers: [.retire(fingerprint, of: ScratchRegistry.kz)]))
        try await refused(
            RegistryChanged(signers: [.retire(fingerprint, of: ScratchRegistry.kz)]), in: registry,
            "registry.change.unlisted")
        try await refused(
            RegistryChanged(signers: [.add(try KeyRotation.listed(first), to: ScratchRegistry.kz)]), in: registry,
            "registry.change.repeated")
        try await refused(
            RegistryChanged(signers: [.revoke(fingerprint, of: PartyID("TM")!)]), in: registry,
            "registry.party.unknown")
    }

    @Test func `A revoked key does not come back under another certificate`() async throws {
        let registry = try await ScratchRegistry.established()
        let first = try registry.signer("KZ")
        let authority = try registry.authority("KZ")
        let renewed = try Certificate.issued(
            CertificateRequest(
                subject: [("CN", "KZ signer renewed")], notBefore: ScratchRegistry.start - 10,
                notAfter: ScratchRegistry.start + 1_000_000, isAuthority: false),
            publicKey: first.key.publicKey, issuer: authority.certificate, issuerKey: authority.key)
        try registry.enrolment("KZ").prepare(authorities: [], signers: [[renewed]])
        let change = try registry.enrolment("KZ").enrolPrepared().change
        // The same key under a second certificate is a renewal, and fine.
        try await registry.change(change)
        // Only both go together.
        try await refused(
            RegistryChanged(
                signers: [.revoke(ContentDigest(first.certificate.fingerprint), of: ScratchRegistry.kz)]),
            in: registry, "registry.change.refused")
        let both = try registry.enrolment("KZ").withdraw("signer-1", .revoke)
        #expect(both.signers.count == 2)
        try await registry.change(both)
        let again = try Certificate.issued(
            CertificateRequest(
                subject: [("CN", "KZ signer again")], notBefore: ScratchRegistry.start - 10,
                notAfter: ScratchRegistry.start + 1_000_000, isAuthority: false),
            publicKey: first.key.publicKey, issuer: authority.certificate, issuerKey: authority.key)
        try registry.enrolment("KZ").prepare(authorities: [], signers: [[again]])
        try await refused(
            try registry.enrolment("KZ").enrolPrepared().change, in: registry, "registry.change.revoked")
    }

    @Test func `No party is left without a signer who can sign`() async throws {
        let registry = try await ScratchRegistry.established()
        let signers = try registry.keys.signers(ScratchRegistry.kz).map { ContentDigest($0.fingerprint) }
        try await refused(
            RegistryChanged(signers: signers.map { .retire($0, of: ScratchRegistry.kz) }), in: registry,
            "registry.change.refused")
        // A new authority under which nobody is: the list is not empty, and nobody on it could sign.
        let made = try registry.rotation().authority(of: ScratchRegistry.kz)
        try await refused(
            RegistryChanged(authorities: made.authorities), in: registry, "registry.change.signer")
    }

    @Test func `A certificate on one party's list does not come onto another's`() async throws {
        let registry = try await ScratchRegistry.established()
        let uz = try registry.signer("UZ").certificate
        try await refused(
            RegistryChanged(signers: [.add(try KeyRotation.listed(uz), to: ScratchRegistry.kz)]), in: registry,
            "registry.change.repeated")
    }

    @Test func `The log keeps its origin, and replaced keys of checkpoints do not return`() async throws {
        let registry = try await ScratchRegistry.established()
        let old = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).constitution
        try await refused(RegistryChanged(log: old.log), in: registry, "registry.change.repeated")
        try await refused(RegistryChanged(quorum: old.quorum), in: registry, "registry.change.repeated")
        try await refused(
            RegistryChanged(log: RegistryLog(origin: "other.example/log", key: old.log.key)), in: registry,
            "registry.change.origin")
        try await registry.change(try registry.rotation().log())
        try await refused(RegistryChanged(log: old.log), in: registry, "registry.change.repeated")
        // A key that is none.
        try await refused(
            RegistryChanged(log: RegistryLog(origin: old.log.origin, key: "no key")), in: registry,
            "registry.policy.invalid")
    }

    /// The same key under another name, and as one that makes other signatures.
    private func disguised(_ key: String, as type: SignatureType, name: String) throws -> String {
        let key = try VerifierKey(parsing: key)
        return try VerifierKey(name: #require(KeyName(name)), type: type, keyBytes: key.keyBytes).text
    }

    @Test func `A key of a checkpoint does not return in another role`() async throws {
        let registry = try await ScratchRegistry.established()
        let old = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).constitution
        let witness = try #require(old.quorum.witnesses.first { $0.party == ScratchRegistry.kz })
        try await registry.change(try registry.rotation().log())
        try await registry.change(try registry.rotation().witness(of: ScratchRegistry.kz))
        let now = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).constitution
        let asLog = try disguised(witness.key, as: .ed25519, name: now.log.origin)
        try await refused(
            RegistryChanged(log: RegistryLog(origin: now.log.origin, key: asLog)), in: registry,
            "registry.change.repeated")
        let asWitness = try disguised(old.log.key, as: .ed25519Cosignature, name: "kz/other")
        try await refused(
            RegistryChanged(quorum: try now.quorum.replacing(ScratchRegistry.kz, key: asWitness)), in: registry,
            "registry.change.repeated")
    }

    @Test func `A key does not become another party's, whatever it is called`() async throws {
        let registry = try await ScratchRegistry.established()
        let now = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).constitution
        let uz = try #require(now.quorum.witnesses.first { $0.party == ScratchRegistry.uz })
        let kz = try #require(now.quorum.witnesses.first { $0.party == ScratchRegistry.kz })
        let swapped = try Quorum(
            witnesses: now.quorum.witnesses.map {
                Witness(name: $0.name, party: $0.party, key: $0 == kz ? uz.key : kz.key)
            }, groups: now.quorum.groups, name: now.quorum.name)
        try await refused(RegistryChanged(quorum: swapped), in: registry, "registry.change.owner")
        let renamed = try disguised(uz.key, as: .ed25519Cosignature, name: "kz/mine")
        let made = try registry.rotation().witness(of: ScratchRegistry.uz)
        let quorum = try #require(made.quorum).replacing(ScratchRegistry.kz, key: renamed)
        try await refused(RegistryChanged(quorum: quorum), in: registry, "registry.change.owner")
        // The log's present key, while the log gets another.
        let log = try registry.rotation().log().log
        let asWitness = try disguised(now.log.key, as: .ed25519Cosignature, name: "kz/log")
        try await refused(
            RegistryChanged(log: log, quorum: try now.quorum.replacing(ScratchRegistry.kz, key: asWitness)),
            in: registry, "registry.change.owner")
    }

    @Test func `A voiding is not voided, so that what was withdrawn is not forgotten`() async throws {
        let registry = try await ScratchRegistry.established()
        let stolen = ContentDigest(try registry.signer("KZ").certificate.fingerprint)
        try await registry.change(RegistryChanged(signers: [.revoke(stolen, of: ScratchRegistry.kz)]))
        func void(_ index: Int64) async throws {
            let registrar = try await registry.registrar()
            let leafHash = try #require(registrar.state.leafHash(of: index))
            _ = try registrar.sign(
                registrar.statement(
                    of: .registryVoided(RegistryVoided(entry: index, leafHash: leafHash, reason: "A mistake.")),
                    agreement: nil), documents: [:])
            _ = try await registrar.commit()
            registry.advance(by: 10)
        }
        try await void(1)
        let refusal = await #expect(throws: RegistryError.self) { try await void(2) }
        #expect(refusal?.findings.contains { $0.key == "registry.void.refused" } ?? false)
        let report = try await registry.audit()
        #expect(report.verdict == .passed && report.treeSize == 3, "\(report.findings)")
    }

    @Test func `A quorum that a party's witness need not meet is refused`() async throws {
        let registry = try await ScratchRegistry.established()
        let old = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).constitution.quorum
        try await refused(
            RegistryChanged(quorum: try Quorum(witnesses: old.witnesses, groups: [], name: "UZ")), in: registry,
            "registry.change.refused")
    }

    @Test func `Every party signs a change, by signers valid before it`() async throws {
        let registry = try await ScratchRegistry.established()
        let made = try registry.rotation().signer(
            of: ScratchRegistry.kz, replacing: ContentDigest(try registry.signer("KZ").certificate.fingerprint))
        let prepared = try #require(try registry.keys.preparedSigners(ScratchRegistry.kz).first)
        let new = (
            certificate: prepared.certificates[0],
            key: try registry.vault().key(
                KeyVault.keyName(ScratchRegistry.kz, .signer(prepared.number)), owner: .party(ScratchRegistry.kz))
        )
        let statement = try await registry.registrar().statement(of: .registryChanged(made), agreement: nil)
        let uz = try registry.signer("UZ")
        let cases: [(signers: [(certificate: Certificate, key: PrivateKey)], finding: String)] = [
            ([uz], "entry.signers.missing"), ([try registry.signer("KZ")], "entry.signers.missing"),
            ([new, uz], "entry.signer.unlisted"),
        ]
        for (signers, finding) in cases {
            let leaf = try registry.leaf(content: statement.canonicalBytes, signers: signers)
            let registrar = try await registry.registrar()
            registrar.offer(prepared.certificates)
            let refusal = #expect(throws: RegistryError.self) { try registrar.queue(leaf: leaf, documents: [:]) }
            #expect(refusal?.findings.contains { $0.key == finding } ?? false, "\(refusal?.findings ?? [])")
        }
        // Put into the ledger all the same, such a change changes nothing, and fails.
        let leaf = try registry.leaf(content: statement.canonicalBytes, signers: [new, uz])
        try registry.holdCertificate(new.certificate)
        try await registry.putByHand([leaf])
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.contains { $0.key == "entry.signer.unlisted" && $0.entry == 1 })
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.history.state.epochs.count == 1)
    }

    @Test func `A change of a log's key that only its own operator signed gives it no other log`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let made = try registry.rotation().log()
        let statement = try await registry.registrar().statement(of: .registryChanged(made), agreement: nil)
        let leaf = try registry.leaf(content: statement.canonicalBytes, signers: [try registry.signer("KZ")])
        try await registry.putByHand([leaf])
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.publishedHead.size == 3)
        #expect(ledger.history.state.epochs.count == 1)
        #expect(try await registry.audit().verdict == .failed)
    }

    @Test func `Two changes in one batch hold one after the other`() async throws {
        let registry = try await ScratchRegistry.established()
        let registrar = try await registry.registrar()
        let one = try registry.enrolment("KZ").withdraw("signer-2", .retire)
        _ = try registrar.sign(registrar.statement(of: .registryChanged(one), agreement: nil), documents: [:])
        let two = try registry.enrolment("UZ").withdraw("signer-2", .revoke)
        _ = try registrar.sign(registrar.statement(of: .registryChanged(two), agreement: nil), documents: [:])
        _ = try registrar.sign(
            registrar.statement(of: .agreementRegistered(ScratchRegistry.body()), agreement: AgreementID("A")!),
            documents: [:])
        _ = try await registrar.commit()
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.entries == 4)
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.history.state.epochs.map(\.entry) == [0, 1, 2])
    }
}

extension Quorum {
    fileprivate func replacing(_ party: PartyID, key: String) throws -> Quorum {
        try Quorum(
            witnesses: witnesses.map { $0.party == party ? Witness(name: $0.name, party: party, key: key) : $0 },
            groups: groups, name: name)
    }
}
