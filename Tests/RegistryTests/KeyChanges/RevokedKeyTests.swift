import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// A stolen key is stolen under every certificate that carries it, an authority's like a signer's.
@Suite struct RevokedKeyTests {
    private static let kz = ScratchRegistry.kz

    private struct Stolen {
        let registry: ScratchRegistry
        /// KZ's first authority, which is revoked.
        let old: (certificate: Certificate, key: PrivateKey)
        let signer: (certificate: Certificate, key: PrivateKey)

        /// KZ's authority as it is now.
        func forge() throws -> CertificateForge {
            let now = try registry.authority("KZ")
            return CertificateForge(
                issuer: now.certificate,
                issuerKey: try #require(
                    try registry.vault().authorityKey(of: RevokedKeyTests.kz, for: now.certificate)))
        }

        func selfSigned(_ key: PrivateKey) throws -> Certificate {
            try Certificate.selfSigned(
                CertificateRequest(
                    subject: [("CN", "KZ authority renewed")], notBefore: registry.now - 10,
                    notAfter: registry.now + 1_000_000, isAuthority: true), key: key)
        }
    }

    /// KZ has a new authority and new signers; the old authority and signer 1 are revoked.
    private static func stolen() async throws -> Stolen {
        let registry = try await ScratchRegistry.established()
        let old = try registry.authority("KZ")
        let signer = try registry.signer("KZ")
        let made = try registry.rotation().authority(of: kz)
        try await registry.change(
            RegistryChanged(
                authorities: made.authorities.map {
                    $0.action == .add ? $0 : AuthorityChange(.revoke, $0.certificate, of: $0.party)
                }, signers: made.signers.map { $0.action == .add ? $0 : .revoke($0.certificate, of: $0.party) }))
        return Stolen(registry: registry, old: old, signer: signer)
    }

    enum Carrier: String, CaseIterable, Sendable {
        case authority, signer, intermediate
        case authorityOfASigner = "a revoked signer's key as an authority"
    }

    private static func change(
        _ carrier: Carrier, _ stolen: Stolen
    ) throws -> (change: RegistryChanged, offered: [Certificate]) {
        let forge = try stolen.forge()
        switch carrier {
        case .authority, .authorityOfASigner:
            let renewed = try stolen.selfSigned(carrier == .authority ? stolen.old.key : stolen.signer.key)
            return (
                RegistryChanged(authorities: [AuthorityChange(.add, ContentDigest(renewed.fingerprint), of: kz)]),
                [renewed]
            )
        case .signer:
            let signer = try forge.ordinary("KZ signer 9", stolen.old.key.publicKey)
            return (RegistryChanged(signers: [.add(try KeyRotation.listed(signer), to: kz)]), [signer])
        case .intermediate:
            let between = try forge.ordinary("KZ between", stolen.old.key.publicKey, isAuthority: true)
            let signer = try CertificateForge(issuer: between, issuerKey: stolen.old.key)
                .ordinary("KZ signer 9", PrivateKey.generateP256().publicKey)
            return (RegistryChanged(signers: [.add(try KeyRotation.listed(signer), to: kz)]), [signer, between])
        }
    }

    @Test(arguments: Carrier.allCases)
    func `A revoked authority's key does not come back, whatever certificate carries it`(
        _ carrier: Carrier
    ) async throws {
        let stolen = try await Self.stolen()
        let registry = stolen.registry
        let (change, offered) = try Self.change(carrier, stolen)
        let registrar = try await registry.registrar()
        registrar.offer(offered)
        let statement = try registrar.statement(of: .registryChanged(change), agreement: nil)
        let refusal = #expect(throws: RegistryError.self) { try registrar.sign(statement, documents: [:]) }
        let key = carrier == .intermediate ? "registry.change.certificate" : "registry.change.revoked"
        #expect(
            refusal?.findings.contains { $0.key == key && $0.severity == .failed } ?? false,
            "\(refusal?.findings ?? [])")
        #expect(try await registry.audit().findings.isEmpty)

        // A dishonest operator with every checkpoint key puts it in all the same: it fails, and changes nothing.
        for certificate in offered { try registry.holdCertificate(certificate) }
        let kz = try registry.vault().signer(
            for: Self.kz, listed: Set(registry.keys.signers(Self.kz).map { ContentDigest($0.fingerprint) }.suffix(2)))
        try await registry.putByHand([
            registry.leaf(
                content: statement.canonicalBytes, signers: [(kz.certificate, kz.key), registry.signer("UZ")])
        ])
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.contains { $0.key == key && $0.entry == 2 }, "\(report.findings)")
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.history.state.epochs.map(\.entry) == [0, 1])
    }

    @Test func `An authority is revoked under all its certificates at once`() async throws {
        let registry = try await ScratchRegistry.established()
        let old = try registry.authority("KZ")
        let made = try registry.rotation().authority(of: Self.kz)
        let twin = try Certificate.selfSigned(
            CertificateRequest(
                subject: [("CN", "KZ authority, renewed")], notBefore: registry.now - 10,
                notAfter: registry.now + 1_000_000, isAuthority: true), key: old.key)
        // The same key under a second certificate is a renewal, and fine.
        let renewal = RegistryChanged(
            authorities: made.authorities.filter { $0.action == .add }
                + [AuthorityChange(.add, ContentDigest(twin.fingerprint), of: Self.kz)],
            signers: made.signers.filter { $0.action == .add })
        let prepared = KeysFolder.preparedName(KeysFolder.authorityName(Self.kz))
        let new = try registry.keys.preparedAuthorities(Self.kz)
        try registry.keys.files.replace(prepared, with: (new + [twin]).flatMap { try $0.pem() })
        try await registry.change(renewal)

        let one = RegistryChanged(
            authorities: [AuthorityChange(.revoke, ContentDigest(old.certificate.fingerprint), of: Self.kz)])
        let refusal = await #expect(throws: RegistryError.self) { try await registry.change(one) }
        #expect(refusal?.findings.contains { $0.key == "registry.change.revoked" } ?? false)
        let both = try registry.enrolment("KZ").withdraw("\(ContentDigest(old.certificate.fingerprint))", .revoke)
        #expect(
            Set(both.authorities.map(\.certificate))
                == Set([old.certificate, twin].map { ContentDigest($0.fingerprint) }))
        try await registry.change(both)
        let report = try await registry.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
    }

    @Test func `A revoked signer's certificate that is erased hides no key, and is in nobody's way`() async throws {
        let stolen = try await Self.stolen()
        let registry = stolen.registry
        registry.registry.files.remove(
            RegistryFolder.certificateName(ContentDigest(stolen.signer.certificate.fingerprint)))
        let cases: [(carrier: Carrier?, isRefused: Bool)] = [(.authorityOfASigner, true), (nil, false)]
        for (carrier, isRefused) in cases {
            let made: (change: RegistryChanged, offered: [Certificate])
            if let carrier {
                made = try Self.change(carrier, stolen)
            } else {
                let signer = try stolen.forge().ordinary("KZ signer 9", PrivateKey.generateP256().publicKey)
                made = (RegistryChanged(signers: [.add(try KeyRotation.listed(signer), to: Self.kz)]), [signer])
            }
            let registrar = try await registry.registrar()
            registrar.offer(made.offered)
            let statement = try registrar.statement(of: .registryChanged(made.change), agreement: nil)
            do {
                _ = try registrar.sign(statement, documents: [:])
                #expect(!isRefused)
            } catch let refusal as RegistryError {
                #expect(isRefused, "\(refusal.findings)")
                #expect(refusal.findings.contains { $0.key == "registry.change.revoked" })
            }
        }
    }

    @Test func `Without the revoked authority's certificate nobody knows whether its key comes back`() async throws {
        let stolen = try await Self.stolen()
        let registry = stolen.registry
        registry.registry.files.remove(
            RegistryFolder.certificateName(ContentDigest(stolen.old.certificate.fingerprint)))
        let (change, offered) = try Self.change(.authority, stolen)
        let registrar = try await registry.registrar()
        registrar.offer(offered)
        let refusal = #expect(throws: RegistryError.self) {
            try registrar.sign(registrar.statement(of: .registryChanged(change), agreement: nil), documents: [:])
        }
        #expect(
            refusal?.findings.contains { $0.key == "certificate.missing" && $0.severity == .indeterminate } ?? false,
            "\(refusal?.findings ?? [])")
    }
}
