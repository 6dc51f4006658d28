import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// An event of the registry itself in a version that this program does not know: it may have changed any key. What came
/// before stays as it was; of what follows nothing is decided, and nothing is added.
@Suite struct UnknownRegistryVersionTests {
    private static let kz = ScratchRegistry.kz

    /// An entry, then the unknown event as entry 2, which every party has signed.
    private static func withUnknown(pending: Bool = false, first: String = "") async throws -> ScratchRegistry {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let leaf = try await unknown(in: registry, first: first)
        if pending { try registry.putPending([leaf]) } else { try await registry.putByHand([leaf]) }
        return registry
    }

    /// - Parameter first: a member that a later version may have before all others.
    private static func unknown(in registry: ScratchRegistry, first: String) async throws -> [UInt8] {
        let retiring = try registry.enrolment("KZ").withdraw("signer-2", .retire)
        let content = try await registry.registrar().statement(of: .registryChanged(retiring), agreement: nil)
            .canonicalBytes.replacing("\"version\":1", with: "\"version\":2")
            .replacing("{\"agreement\"", with: "{\(first)\"agreement\"")
        return try registry.leaf(content: content, signers: [registry.signer("KZ"), registry.signer("UZ")])
    }

    private static func next(
        _ event: Event, agreement: String? = nil, in registry: ScratchRegistry
    ) throws -> Statement {
        let head = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).publishedHead
        let bundle = try #require(TilePath(.entries, index: 0, width: Int(head.size)))
        let leaves = try registry.registry.ledger.entries(bundle).map { Array($0) }
        return try Statement.checked(
            agreement: agreement.flatMap { AgreementID($0) }, event: event, ledger: .registry(registry.identity),
            previous: agreement == nil ? ContentDigest(MerkleTree.leafHash(leaves[2])) : nil,
            tree: TreeReference(root: ContentDigest(head.root), size: head.size))
    }

    /// A change of keys after it, in a version that is known.
    private static func rotate(_ made: RegistryChanged, in registry: ScratchRegistry) async throws {
        let statement = try next(.registryChanged(made), in: registry)
        try await registry.putByHand([
            registry.leaf(
                content: statement.canonicalBytes, signers: [registry.signer("KZ"), registry.signer("UZ")])
        ])
    }

    @Test(arguments: ["", "\"access\":\"of version 2\","])
    func `A change of keys that follows is not decided, and does not take effect`(_ first: String) async throws {
        let registry = try await Self.withUnknown(first: first)
        try await Self.rotate(try registry.enrolment("UZ").withdraw("signer-2", .revoke), in: registry)
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate, "\(report.findings)")
        #expect(report.findings.allSatisfy { $0.severity != .failed }, "\(report.findings)")
        #expect(report.findings.contains { $0.key == "statement.version.unknown" && $0.entry == 2 })
        #expect(report.findings.contains { $0.key == "registry.state.unknown" && $0.entry == 3 })
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.history.state.epochs.map(\.entry) == [0])
        #expect(ledger.history.unrecognisedEntry == 2)
    }

    @Test func `Nothing is added after it, and the refusal names the entry`() async throws {
        let registry = try await Self.withUnknown()
        for (event, id) in [
            (Event.agreementRegistered(ScratchRegistry.body()), "A-1"),
            (.registryChanged(try registry.enrolment("KZ").withdraw("signer-2", .revoke)), nil),
        ] {
            let registrar = try await registry.registrar()
            let statement = try Self.next(event, agreement: id, in: registry)
            let refusal = #expect(throws: RegistryError.self) { try registrar.sign(statement, documents: [:]) }
            #expect(refusal?.findings.contains { $0.key == "registry.state.unknown" } ?? false)
            #expect(refusal?.message.contains("entry 2 changed the registry in a version") ?? false)
        }
    }

    @Test func `A signer whom it may have listed, and keys that it may have named, are not decided`() async throws {
        let registry = try await Self.withUnknown()
        let authority = try registry.authority("KZ")
        let key = try PrivateKey.generateP256()
        let forge = CertificateForge(issuer: authority.certificate, issuerKey: authority.key)
        let signer = try forge.ordinary("KZ signer 3", key.publicKey)
        try registry.holdCertificate(signer)
        let statement = try Self.next(.agreementRegistered(ScratchRegistry.body()), agreement: "A-1", in: registry)
        try await registry.putByHand([
            registry.leaf(content: statement.canonicalBytes, signers: [(signer, key), registry.signer("UZ")])
        ])
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate, "\(report.findings)")
        #expect(report.findings.contains { $0.key == "entry.signer.unlisted" && $0.severity == .indeterminate })

        // What does not hang on a list is still wrong.
        let bad = try Self.next(.agreementRegistered(ScratchRegistry.body()), agreement: "A-2", in: registry)
        var leaf = try registry.leaf(
            content: bad.canonicalBytes, signers: [registry.signer("KZ"), registry.signer("UZ")])
        let first = try #require(leaf.firstRange(of: Array("An agreement".utf8)))
        leaf[first.lowerBound] ^= 1
        try await registry.putByHand([leaf])
        let worse = try await registry.audit()
        #expect(worse.verdict == .failed)
        #expect(worse.findings.contains { $0.key == "entry.signature.invalid" && $0.severity == .failed })
    }

    @Test(arguments: ["log", "witness"])
    func `A checkpoint under other keys than those known is not decided`(_ kind: String) async throws {
        let registry = try await Self.withUnknown()
        let kept = try Files.read(registry.registry.fullPath("checkpoints/002"), maximumBytes: 1 << 20)
        // The new version's own program goes on with keys that this one does not know.
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        let made = kind == "log" ? try registry.rotation().log() : try registry.rotation().witness(of: Self.kz)
        let changed = try made.applied(to: ledger.constitution)
        let statement = try Self.next(.agreementRegistered(ScratchRegistry.body()), agreement: "A-1", in: registry)
        var writer = try LogWriter(folder: registry.registry.files, head: ledger.publishedHead)
        let head = try writer.append([
            registry.leaf(
                content: statement.canonicalBytes, signers: [registry.signer("KZ"), registry.signer("UZ")])
        ])
        let signing = CheckpointSigning(
            registry: registry.registry, keys: registry.keys, vault: registry.vault(), constitution: changed,
            policy: try WitnessPolicy(changed))
        let pending = try await signing.cosign(
            try signing.signAsLog(head, continuing: ledger.publishedHead), at: registry.now
        ) { _ in }
        _ = try signing.publish(pending)

        for since in [nil, kept] {
            let report = try await Audit(registry: registry.registry, keys: registry.keys, now: registry.now)
                .run(since: since)
            #expect(report.verdict == .indeterminate, "\(report.findings)")
            #expect(report.findings.contains { $0.message.contains("entry 2") }, "\(report.findings)")
        }
        await DraftDesk.expectRefusal("entry 2") { _ = try await registry.registrar() }
        await DraftDesk.expectRefusal("entry 2") {
            _ = try await RegistryReading.read(
                registry: registry.registry, keys: registry.keys, selection: .none, now: registry.now)
        }
    }

    @Test func `An audit since a checkpoint that includes it is not decided either`() async throws {
        let registry = try await Self.withUnknown()
        let kept = try Files.read(registry.registry.fullPath(RegistryFolder.checkpointName), maximumBytes: 1 << 20)
        let audit = Audit(registry: registry.registry, keys: registry.keys, now: registry.now)
        // Nothing has come since.
        #expect(try await audit.run(since: kept).verdict == .indeterminate)
        try await Self.rotate(try registry.enrolment("UZ").withdraw("signer-2", .revoke), in: registry)
        let report = try await audit.run(since: kept)
        #expect(report.verdict == .indeterminate, "\(report.findings)")
        #expect(report.findings.allSatisfy { $0.severity != .failed }, "\(report.findings)")
        #expect(report.since.flatMap { $0 }?.checked == 1)
    }

    @Test func `Pending, it is neither cosigned nor published, and keys are not brought up to date by it`() async throws
    {
        let registry = try await Self.withUnknown(pending: true)
        let pending = try Files.read(registry.registry.fullPath(RegistryFolder.pendingName), maximumBytes: 1 << 20)
        await DraftDesk.expectRefusal("entry 2") { _ = try await registry.registrar().cosign(parties: [Self.kz]) }
        await DraftDesk.expectRefusal("entry 2") { _ = try await registry.registrar().publish() }
        #expect(
            try Files.read(registry.registry.fullPath(RegistryFolder.pendingName), maximumBytes: 1 << 20) == pending)
        // Also when all known witnesses have cosigned: it may have named others.
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys, now: registry.now)
        let signing = CheckpointSigning(
            registry: registry.registry, keys: registry.keys, vault: registry.vault(),
            constitution: ledger.constitution, policy: ledger.policy)
        let cosigned = try await signing.cosign(#require(ledger.pending), at: registry.now) { _ in }
        try registry.registry.files.replace(RegistryFolder.pendingName, with: cosigned.note.bytes)
        await DraftDesk.expectRefusal("entry 2") { _ = try await registry.registrar().publish() }
        #expect(Files.kind(registry.registry.fullPath("checkpoints/003")) == nil)
        #expect(try await registry.audit().verdict == .indeterminate)

        let published = try await Self.withUnknown()
        await DraftDesk.expectRefusal("entry 2") {
            _ = try KeysUpdate(OpenedLedger.open(registry: published.registry, keys: published.keys)).write()
        }
    }

    @Test func `It is listed with what is known, and an entry after it is verified as not decided`() async throws {
        let registry = try await Self.withUnknown()
        let statement = try Self.next(.agreementRegistered(ScratchRegistry.body()), agreement: "A-1", in: registry)
        try await registry.putByHand([
            registry.leaf(
                content: statement.canonicalBytes, signers: [registry.signer("KZ"), registry.signer("UZ")])
        ])
        let listed = try await RegistryReading.read(
            registry: registry.registry, keys: registry.keys, selection: .none, now: registry.now)
        #expect(listed.state.agreements.map(\.id.text) == ["KZ-UZ-1", "A-1"])
        #expect(listed.state.unrecognisedRegistryEntries == [2])
        for (id, verdict) in [("KZ-UZ-1", Verdict.passed), ("A-1", .indeterminate)] {
            let reading = try await RegistryReading.read(
                registry: registry.registry, keys: registry.keys, selection: .agreements([AgreementID(id)!]),
                now: registry.now)
            let judged = reading.judged.filter { $0.entry.statement?.agreement?.text == id }
            #expect(judged.map(\.verdict) == [verdict])
        }
    }
}
