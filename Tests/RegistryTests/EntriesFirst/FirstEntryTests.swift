import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// Entry 0: what a registry cannot be founded on.
@Suite struct FirstEntryTests {
    private static func bytes(_ registry: ScratchRegistry) throws -> [UInt8] {
        let established = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).constitution
        return Statement(
            agreement: nil, event: .registryEstablished(RegistryEstablished(established)),
            ledger: .origin(established.log.origin),
            previous: nil, tree: nil
        ).canonicalBytes
    }

    struct WeakQuorum: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let old: String
        let new: String
        let saying: String
    }

    /// Of a quorum of the group `parties`, with the members KZ and UZ and threshold 2.
    static let weakQuorums: [WeakQuorum] = [
        WeakQuorum(
            testDescription: "one of two is enough", old: "\"threshold\":2", new: "\"threshold\":1",
            saying: "can be met without any witness of KZ"),
        WeakQuorum(
            testDescription: "only KZ is asked", old: "\"quorum\":\"parties\"", new: "\"quorum\":\"KZ\"",
            saying: "can be met without any witness of UZ"),
        WeakQuorum(
            testDescription: "UZ is no member", old: "\"members\":[\"KZ\",\"UZ\"],\"name\":\"parties\",\"threshold\":2",
            new: "\"members\":[\"KZ\"],\"name\":\"parties\",\"threshold\":1",
            saying: "can be met without any witness of UZ"),
        WeakQuorum(
            testDescription: "a threshold that cannot be met", old: "\"threshold\":2", new: "\"threshold\":3",
            saying: "must be from 1 to the number of members"),
        WeakQuorum(
            testDescription: "a threshold of nobody", old: "\"threshold\":2", new: "\"threshold\":0",
            saying: "threshold"),
        WeakQuorum(
            testDescription: "one member twice", old: "\"members\":[\"KZ\",\"UZ\"]", new: "\"members\":[\"KZ\",\"KZ\"]",
            saying: "already a member"),
        WeakQuorum(
            testDescription: "none", old: "\"quorum\":\"parties\"", new: "\"quorum\":\"none\"",
            saying: "none is neither a witness nor a group"),
        WeakQuorum(
            testDescription: "both witnesses of one party", old: "\"name\":\"UZ\",\"party\":\"UZ\"}]",
            new: "\"name\":\"UZ\",\"party\":\"KZ\"}]", saying: "UZ has no witness"),
    ]

    /// Signed by both parties, in a ledger that the log and both witnesses signed all the same.
    @Test(arguments: weakQuorums)
    func `A registry whose quorum does not imply every party is not founded`(_ weak: WeakQuorum) async throws {
        let registry = try await ScratchRegistry.established()
        let content = try Self.bytes(registry).replacing(weak.old, with: weak.new)
        let error = #expect(throws: StatementError.self) { try Statement(canonicalBytes: content) }
        #expect(error?.description.contains(weak.saying) == true, "\(error.map { "\($0)" } ?? "")")

        let leaf = try registry.leaf(content: content, signers: [registry.signer("KZ"), registry.signer("UZ")])
        let entry = Entry(leaf: leaf)
        let certificates = CertificateStore(registry.registry)
        var judge = EntryJudge(certificates: certificates)
        let judged = judge.judge(
            entry, outcomes: SignatureCheck.outcomes(of: entry, certificates: certificates),
            proved: ProvedInterval(notBefore: nil, notAfter: nil), now: registry.now, publishedRoot: { _ in nil })
        #expect(judged.verdict == .failed)
        #expect(judged.findings.contains { $0.key == "statement.malformed" && $0.message.contains(weak.saying) })

        let report = try await found(leaf, registry)
        #expect(report.verdict == .failed)
        #expect(report.findings.map(\.key) == ["event.order"])
        #expect(report.findings.first?.entry == 0)
        #expect(report.findings.first?.actual?.contains(weak.saying) == true)
    }

    /// Makes a ledger by hand with that leaf as entry 0, under the same keys.
    private func found(_ leaf: [UInt8], _ registry: ScratchRegistry) async throws -> AuditReport {
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        let folder = RegistryFolder(path: registry.scratch.file("by-hand"))
        let keys = KeysFolder(path: registry.scratch.file("keys"))
        for signer in [SignerState.Signer.log, .witness(ScratchRegistry.kz), .witness(ScratchRegistry.uz)] {
            // No command goes back: the memory is taken away by hand.
            keys.files.remove("private/\(signer).state")
            try SignerState.begin(keys, signer: signer)
        }
        try keys.files.replace(
            KeysFolder.identityName, with: Array("\(ContentDigest(Entry(leaf: leaf).leafHash))\n".utf8))
        for certificate in CertificateStore(registry.registry).all {
            try folder.files.replace(
                RegistryFolder.certificateName(ContentDigest(certificate.fingerprint)), with: certificate.derBytes)
        }
        var writer = try LogWriter(folder: folder.files, head: .empty)
        let head = try writer.append([leaf])
        let signing = CheckpointSigning(
            registry: folder, keys: keys, vault: registry.vault(), constitution: ledger.constitution,
            policy: ledger.policy)
        let pending = try signing.signAsLog(head, continuing: .empty)
        _ = try signing.publish(try await signing.cosign(pending, at: ScratchRegistry.start + 20) { _ in })
        return try await Audit(registry: folder, keys: keys, now: registry.now).run()
    }

    /// The tool of the test above: the true entry 0 in a ledger made so passes.
    @Test func `A ledger made by hand on a good entry 0 passes`() async throws {
        let registry = try await ScratchRegistry.established()
        let leaf = try registry.leaf(
            content: Self.bytes(registry), signers: [registry.signer("KZ"), registry.signer("UZ")])
        let report = try await found(leaf, registry)
        #expect(report.verdict == .passed)
        #expect(report.findings.isEmpty, "\(report.findings)")
    }

    struct BadFounders: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let signers: [(party: String, number: Int)]
        let key: String
        let saying: String
    }

    static let badFounders: [BadFounders] = [
        BadFounders(
            testDescription: "KZ alone", signers: [("KZ", 1)], key: "entry.signers.missing", saying: "UZ has not signed"
        ),
        BadFounders(
            testDescription: "KZ twice", signers: [("KZ", 1), ("KZ", 2)], key: "entry.signers.repeated",
            saying: "KZ has signed 2 times"),
        BadFounders(testDescription: "nobody", signers: [], key: "entry.profile", saying: "it has no signer"),
    ]

    @Test(arguments: badFounders)
    func `A registry is founded by exactly its parties`(_ bad: BadFounders) async throws {
        let registry = try await ScratchRegistry.established()
        let content = try Self.bytes(registry)
        let signers = try bad.signers.map { name in
            let signer = try registry.signer(name.party, name.number)
            return TestSigner(certificate: signer.certificate, key: signer.key)
        }
        let leaf = HandSigning.leaf(
            content: content,
            signerInfos: try signers.map {
                try HandSigning(content: content, signer: $0, signingTime: registry.now).signerInfo()
            })
        let report = try await found(leaf, registry)
        #expect(report.verdict == .failed)
        #expect(report.findings.contains { $0.entry == 0 && $0.key == bad.key && $0.message.contains(bad.saying) })
    }

    /// Whoever holds a key of both parties could make an agreement between them alone.
    @Test func `One key or one certificate under two parties is refused`() async throws {
        for file in ["signer-1.pem", "authority.pem"] {
            let registry = try ScratchRegistry()
            let shared =
                try file == "authority.pem"
                ? registry.keys.authorities(ScratchRegistry.kz)[0] : registry.signer("KZ").certificate
            try registry.keys.files.replace("UZ/\(file)", with: shared.pem())
            let error = await #expect(throws: RegistryError.self) { try await registry.establish() }
            #expect(error?.message.contains("already listed under KZ") == true, "\(error?.message ?? "")")
            #expect(!registry.registry.hasLedger, "nothing was written")
        }
    }

    /// The list of entry 0 must name the keys that the certificates hold: else a signature could be checked against a
    /// key of somebody else's once the certificate is gone.
    @Test func `A list that names another key than the certificate has fails`() async throws {
        let registry = try await ScratchRegistry.established()
        let spare = try registry.signer("UZ", 2).certificate
        let listed = SubjectPublicKeyInfo(derBytes: try spare.publicKey.subjectPublicKeyInfo()).text
        let other = SubjectPublicKeyInfo(
            derBytes: try PrivateKey.generateP256().publicKey.subjectPublicKeyInfo()
        ).text
        let content = try Self.bytes(registry).replacing(listed, with: other)
        let leaf = try registry.leaf(content: content, signers: [registry.signer("KZ"), registry.signer("UZ")])
        let report = try await found(leaf, registry)
        #expect(report.verdict == .failed)
        #expect(report.findings.map(\.key) == ["registry.signer.key"])
        #expect(report.findings.map(\.entry) == [0])
    }
}
