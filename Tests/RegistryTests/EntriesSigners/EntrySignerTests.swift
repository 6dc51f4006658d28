import Agreements
import OpenSSLKit
import Registry
import Support
import Testing

/// Who signs: exactly the parties of the agreement, by certificates on their lists.
@Suite struct EntrySignerTests {
    /// Signers other than the two parties of an agreement between KZ and UZ, each an ordinary one of its party.
    struct Company: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let signers: [(party: String, number: Int)]
        let refusal: Refusal
        var alone = true
    }

    static let companies: [Company] = [
        Company(
            testDescription: "no signer of UZ", signers: [("KZ", 1)],
            refusal: Refusal("entry.signers.missing", "UZ has not signed")),
        Company(
            testDescription: "no signer of KZ", signers: [("UZ", 2)],
            refusal: Refusal("entry.signers.missing", "KZ has not signed")),
        Company(
            testDescription: "a third party beside both", signers: [("KZ", 1), ("TM", 1), ("UZ", 1)],
            refusal: Refusal("entry.signers.unexpected", "TM has signed, who must not")),
        Company(
            testDescription: "a third party in the place of one", signers: [("KZ", 1), ("TM", 1)],
            refusal: Refusal("entry.signers.missing", "UZ has not signed"), alone: false),
        Company(
            testDescription: "a third party alone", signers: [("TM", 1)],
            refusal: Refusal("entry.signers.unexpected", "TM has signed, who must not"), alone: false),
        Company(
            testDescription: "both signers of one party", signers: [("KZ", 1), ("KZ", 2), ("UZ", 1)],
            refusal: Refusal("entry.signers.repeated", "KZ has signed 2 times")),
        Company(
            testDescription: "both signers of one party and none of the other", signers: [("KZ", 1), ("KZ", 2)],
            refusal: Refusal("entry.signers.missing", "UZ has not signed"), alone: false),
        Company(
            testDescription: "one certificate twice", signers: [("KZ", 1), ("KZ", 1), ("UZ", 1)],
            refusal: Refusal("entry.profile", "a certificate signs twice"), alone: false),
        Company(
            testDescription: "nobody", signers: [], refusal: Refusal("entry.profile", "it has no signer"), alone: false),
    ]

    @Test(arguments: companies)
    func `An agreement is signed by exactly its parties`(_ company: Company) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let leaf = try crowded.leaf(content, company.signers.map { crowded.signer($0.party, $0.number) })
        try await company.refusal.holds(for: leaf, in: crowded, alone: company.alone)
    }

    @Test(arguments: [("KZ", "UZ"), ("UZ", "KZ")])
    func `A note is signed by the one party that makes it`(_ party: String, _ other: String) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registrar = try await crowded.copy().registrar()
        let statement = try registrar.statement(
            of: .agreementNoted(
                AgreementNoted(party: PartyID(party)!, kind: .declaration, notes: "A note")),
            agreement: AgreementID(CrowdedRegistry.agreement)!)
        let content = statement.canonicalBytes
        let leaf = try crowded.leaf(content, [crowded.signer(other)])
        try await Refusal("entry.signers.missing", "\(party) has not signed").holds(
            for: leaf, in: crowded, alone: false)
        let both = try crowded.leaf(content, [crowded.signer(party), crowded.signer(other)])
        try await Refusal("entry.signers.unexpected", "\(other) has signed").holds(for: both, in: crowded)
        let good = try crowded.leaf(content, [crowded.signer(party)])
        #expect(try registrar.queue(leaf: good, documents: [:]).index == 2)
    }

    /// A special signer of KZ beside an ordinary one of UZ.
    struct Special: Sendable, CustomTestStringConvertible {
        let signer: CrowdedRegistry.Signer
        let refusal: Refusal
        var scheme = SignatureScheme.ecdsa(.sha256)
        var alone = true
        var note = ""

        var testDescription: String { "\(signer) \(note)" }
    }

    static let specials: [Special] = [
        Special(
            signer: .future, refusal: Refusal("entry.signer.validity", "the certificate was not yet valid at that time")
        ),
        Special(signer: .authority, refusal: Refusal("entry.signer.authority", "is a CA's"), alone: false),
        Special(
            signer: .authority, refusal: Refusal("entry.signer.key-usage", "key usage"), alone: false, note: "usage"),
        Special(signer: .authorityThatSigns, refusal: Refusal("entry.signer.authority", "is a CA's")),
        Special(
            signer: .keyAgreement,
            refusal: Refusal("entry.signer.key-usage", "the certificate's key usage does not allow signatures")),
        Special(
            signer: .ofBothParties,
            refusal: Refusal("entry.signer.ambiguous", "chains to the authorities of several parties"), alone: false),
        // It speaks for none, so KZ has not signed.
        Special(
            signer: .ofBothParties, refusal: Refusal("entry.signers.missing", "KZ has not signed"), alone: false,
            note: "speaks for none"),
        Special(
            signer: .ofTheOtherParty,
            refusal: Refusal("entry.signer.chain", "the certificate does not chain to the authorities of KZ")),
        Special(
            signer: .selfSigned,
            refusal: Refusal("entry.signer.chain", "the certificate does not chain to the authorities of KZ")),
        Special(
            signer: .rsa1024, refusal: Refusal("entry.signer.algorithm", "RSA of 1024 bits"), scheme: .rsaPKCS1(.sha256)
        ),
        Special(
            signer: .rsa1024, refusal: Refusal("entry.signer.algorithm", "RSA of 1024 bits"),
            scheme: .rsaPSS(.sha256, saltLength: 32), note: "PSS"),
        Special(signer: .p521, refusal: Refusal("entry.signer.algorithm", "secp521r1"), scheme: .ecdsa(.sha512)),
        Special(
            signer: .p521, refusal: Refusal("entry.signer.algorithm", "secp521r1"), scheme: .ecdsa(.sha256),
            note: "with SHA-256"),
        Special(
            signer: .secp256k1, refusal: Refusal("entry.signer.algorithm", "secp256k1"), scheme: .ecdsa(.sha256)),
        Special(
            signer: .p384, refusal: Refusal("entry.signer.algorithm", "P-384"), scheme: .ecdsa(.sha256),
            note: "with SHA-256"),
        Special(
            signer: .p384, refusal: Refusal("entry.signer.algorithm", "P-384"), scheme: .ecdsa(.sha512),
            note: "with SHA-512"),
        Special(
            signer: .ed25519, refusal: Refusal("entry.profile", "its signature algorithm is none of the profile"),
            scheme: .ed25519, alone: false),
    ]

    @Test(arguments: specials)
    func `A listed signer with one thing wrong does not count`(_ special: Special) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let signers = [(crowded.special[special.signer]!, special.scheme), (crowded.signer("UZ"), .ecdsa(.sha256))]
        let leaf = try crowded.leaf(content, signers)
        try await special.refusal.holds(for: leaf, in: crowded, alone: special.alone)
    }

    @Test(arguments: [SignatureScheme.ecdsa(.sha384), .ecdsa(.sha512)])
    func `A P-256 key signs with SHA-256 only`(_ scheme: SignatureScheme) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let leaf = try crowded.leaf(content, [(crowded.signer("KZ"), scheme), (crowded.signer("UZ"), .ecdsa(.sha256))])
        try await Refusal("entry.signer.algorithm", "P-256 with that signature algorithm").holds(for: leaf, in: crowded)
    }

    /// The reverse: what must not be refused, so that the tests above refuse for their own reasons.
    static let good: [(CrowdedRegistry.Signer, SignatureScheme)] = [
        (.withoutKeyUsage, .ecdsa(.sha256)),
        (.expiring, .ecdsa(.sha256)),
        (.p384, .ecdsa(.sha384)),
        (.rsa3072, .rsaPKCS1(.sha256)),
        (.rsa3072, .rsaPKCS1(.sha384)),
        (.rsa3072, .rsaPKCS1(.sha512)),
        (.rsa3072, .rsaPSS(.sha256, saltLength: 32)),
        (.rsaPSS, .rsaPSS(.sha256, saltLength: 32)),
        (.rsaPSS, .rsaPSS(.sha384, saltLength: 48)),
    ]

    @Test(arguments: good)
    func `A signer of the profile is added and audits clean`(
        _ signer: CrowdedRegistry.Signer, _ scheme: SignatureScheme
    ) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let content = try await registry.statement("A-2").canonicalBytes
        let leaf = try crowded.leaf(
            content, [(crowded.special[signer]!, scheme), (crowded.signer("UZ"), .ecdsa(.sha256))])
        try await add(leaf, to: registry)
        let report = try await registry.audit()
        #expect(report.verdict == .passed)
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.signatures == 7, "three of entry 0, two each of the agreements")
    }

    @Test(arguments: [SignatureScheme.rsaPKCS1(.sha256), .rsaPSS(.sha256, saltLength: 32)])
    func `RSA of 2048 bits is accepted with a warning`(_ scheme: SignatureScheme) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let content = try await registry.statement("A-2").canonicalBytes
        let signers = [(crowded.special[.rsa2048]!, scheme), (crowded.signer("UZ"), .ecdsa(.sha256))]
        try await add(crowded.leaf(content, signers), to: registry)
        let report = try await registry.audit()
        #expect(report.verdict == .passed)
        #expect(report.findings.map(\.key) == ["entry.signer.weak"])
        #expect(report.findings.map(\.severity) == [.warning])
        #expect(report.findings.map(\.entry) == [2])
    }

    private func add(_ leaf: [UInt8], to registry: ScratchRegistry) async throws {
        let registrar = try await registry.registrar()
        #expect(try registrar.queue(leaf: leaf, documents: [:]).index == 2)
        _ = try await registrar.commit()
    }

    // MARK: Certificates that are on no list

    @Test(arguments: [true, false])
    func `Being issued by the party's own authority gives no right to sign`(_ isHeld: Bool) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let leaf = try crowded.leaf(content, [crowded.unlisted, crowded.signer("UZ")])
        let saying = isHeld ? "the signer is on no party's list of signers" : "is on no party's list of signers"
        try await Refusal("entry.signer.unlisted", saying).holds(for: leaf, in: crowded, alone: false) {
            if isHeld { try $0.holdCertificate(crowded.unlisted.certificate) }
        }
        try await Refusal("entry.signers.missing", "KZ has not signed").holds(for: leaf, in: crowded, alone: false) {
            if isHeld { try $0.holdCertificate(crowded.unlisted.certificate) }
        }
    }

    @Test func `An authority on the party's list of authorities does not sign for it`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let kz = try crowded.copy().authority("KZ")
        let leaf = try crowded.leaf(
            content, [TestSigner(certificate: kz.certificate, key: kz.key), crowded.signer("UZ")])
        try await Refusal("entry.signer.unlisted", "no party's list").holds(for: leaf, in: crowded, alone: false)
        try await Refusal("entry.signer.authority", "is a CA's").holds(for: leaf, in: crowded, alone: false)
    }

    @Test func `A new certificate for a listed key is another certificate`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let authority = try crowded.copy().authority("KZ")
        let forge = CertificateForge(issuer: authority.certificate, issuerKey: authority.key)
        let key = crowded.signer("KZ").key
        let renewed = TestSigner(certificate: try forge.ordinary("renewed", key.publicKey), key: key)
        let leaf = try crowded.leaf(content, [renewed, crowded.signer("UZ")])
        try await Refusal("entry.signer.unlisted", "no party's list").holds(for: leaf, in: crowded, alone: false) {
            try $0.holdCertificate(renewed.certificate)
        }
    }

    /// The same issuer and serial number as the listed one: only signing-certificate-v2 tells them apart.
    @Test(arguments: [true, false])
    func `A twin of a listed certificate does not count`(_ isHeld: Bool) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let authority = try crowded.copy().authority("KZ")
        let forge = CertificateForge(issuer: authority.certificate, issuerKey: authority.key)
        // The extensions in another order: the certificate is another one, and says the same.
        let twin = try forge.altered(crowded.signer("KZ").certificate) { $0.swapAt(0, 1) }
        #expect(twin.serialNumber == crowded.signer("KZ").certificate.serialNumber)
        let leaf = try crowded.leaf(
            content, [TestSigner(certificate: twin, key: crowded.signer("KZ").key), crowded.signer("UZ")])
        try await Refusal("entry.signer.unlisted", "no party's list").holds(for: leaf, in: crowded, alone: false) {
            if isHeld { try $0.holdCertificate(twin) }
        }
    }

    // MARK: Time

    @Test func `A certificate that had expired does not sign`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let signers = [crowded.special[.expiring]!, crowded.signer("UZ")]
        let late = CrowdedRegistry.expiry + 60
        let leaf = try crowded.leaf(content, signers, at: late)
        try await Refusal("entry.signer.validity", "the certificate was expired at that time")
            .holds(for: leaf, in: crowded) { $0.advance(by: late - $0.now) }
    }

    @Test func `A certificate that expired between signing and registration is not decided`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let signers = [crowded.special[.expiring]!, crowded.signer("UZ")]
        let leaf = try crowded.leaf(content, signers, at: CrowdedRegistry.expiry - 60)
        try await Refusal("entry.signer.expired", "expired between", verdict: .indeterminate)
            .holds(for: leaf, in: crowded) { $0.advance(by: CrowdedRegistry.expiry + 60 - $0.now) }
    }

    @Test func `A certificate that was good when it was registered stays good`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let content = try await registry.statement("A-2").canonicalBytes
        try await add(crowded.leaf(content, [crowded.special[.expiring]!, crowded.signer("UZ")]), to: registry)
        registry.advance(by: 1_000_000)
        #expect(try await registry.audit().verdict == .passed)
    }

    @Test func `A signing time in the future is refused`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let leaf = try crowded.leaf(content, [crowded.signer("KZ"), crowded.signer("UZ")], at: crowded.now + 301)
        try await Refusal("entry.time.claimed-late", "later than the time by which it was signed")
            .holds(for: leaf, in: crowded)
        let almost = try crowded.leaf(content, [crowded.signer("KZ"), crowded.signer("UZ")], at: crowded.now + 300)
        #expect(try await crowded.copy().registrar().queue(leaf: almost, documents: [:]).index == 2)
    }
}
