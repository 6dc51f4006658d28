import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// Keys of each kind go and others come in the middle of a ledger: what was right before stays right, and what an old
/// key signs afterwards counts for nothing.
@Suite struct KeyRotationTests {
    enum Kind: String, CaseIterable, Sendable {
        case signer, authority, witness, log
        case retiredSigner = "a signer retired without another"
        case revokedSigner = "a revoked signer"
        case revokedAuthority = "a revoked authority"
    }

    private func change(_ kind: Kind, of registry: ScratchRegistry) throws -> RegistryChanged {
        switch kind {
        case .signer:
            let old = try registry.signer("KZ").certificate
            return try registry.rotation().signer(of: ScratchRegistry.kz, replacing: ContentDigest(old.fingerprint))
        case .authority: return try registry.rotation().authority(of: ScratchRegistry.kz)
        case .witness: return try registry.rotation().witness(of: ScratchRegistry.kz)
        case .log: return try registry.rotation().log()
        case .retiredSigner: return try registry.enrolment("KZ").withdraw("signer-1", .retire)
        case .revokedSigner: return try registry.enrolment("KZ").withdraw("signer-1", .revoke)
        case .revokedAuthority:
            // Nobody is left without an authority: the new one comes in the same change.
            let made = try registry.rotation().authority(of: ScratchRegistry.kz)
            return RegistryChanged(
                authorities: made.authorities.map {
                    $0.action == .add ? $0 : AuthorityChange(.revoke, $0.certificate, of: $0.party)
                },
                signers: made.signers.map {
                    $0.action == .add ? $0 : .revoke($0.certificate, of: $0.party)
                })
        }
    }

    @Test(arguments: Kind.allCases)
    func `A registry goes on over a change of its keys, and all that came before stays valid`(
        _ kind: Kind
    ) async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        try await registry.change(try change(kind, of: registry))
        try await registry.add("KZ-UZ-2")
        try await registry.add("KZ-UZ-3")
        let report = try await registry.audit()
        #expect(report.verdict == .passed, "\(report.findings.map(\.message))")
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.entries == 5)
        #expect(report.agreements == 3)
        // The files for other tools follow, and an audit holds them against the ledger.
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.history.state.epochs.count == 2)
        let kept = try #require(try registry.keys.policy())
        #expect(try WitnessPolicy(parsing: kept).agrees(with: ledger.policy))
        // A second process sees the same.
        let listed = try await RegistryReading.read(
            registry: registry.registry, keys: registry.keys, selection: .all, now: registry.now)
        #expect(listed.state.agreementCount == 3)
        #expect(listed.judged.allSatisfy { $0.verdict == .passed })
    }

    @Test(arguments: [Kind.signer, .authority, .retiredSigner, .revokedSigner, .revokedAuthority], [0, -1_000_000])
    func `What a former signer signs is refused and fails, whatever time it claims`(
        _ kind: Kind, _ shift: Int64
    ) async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let old = try registry.signer("KZ")
        let uz = try registry.signer("UZ")
        try await registry.change(try change(kind, of: registry))
        let key = kind == .revokedSigner || kind == .revokedAuthority ? "entry.signer.revoked" : "entry.signer.retired"

        let statement = try await registry.statement("KZ-UZ-2")
        let leaf = try registry.leaf(
            content: statement.canonicalBytes, signers: [old, uz], signingTime: registry.now + shift)
        let registrar = try await registry.registrar()
        let refusal = try #require(throws: RegistryError.self) { try registrar.queue(leaf: leaf, documents: [:]) }
        #expect(refusal.findings.contains { $0.key == key }, "\(refusal.findings)")
        #expect(try await registry.audit().verdict == .passed)

        // A dishonest operator with every checkpoint key puts it in all the same.
        try await registry.putByHand([leaf])
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.contains { $0.key == key && $0.entry == 3 }, "\(report.findings)")
    }

    @Test func `The old witness's cosignature does not publish what comes after the change`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let before = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        try await registry.change(try registry.rotation().witness(of: ScratchRegistry.kz))
        let after = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(!before.policy.agrees(with: after.policy))
        #expect(after.published?.witnesses == ["KZ", "UZ"])
        let bytes = try Files.read(registry.registry.fullPath(RegistryFolder.checkpointName), maximumBytes: 1 << 20)
        // The new checkpoint is nothing to the old policy, and old ones nothing to the new.
        #expect(throws: CheckpointFault.self) { try Publications.judge(bytes, policy: before.policy) }
        let old = try Files.read(registry.registry.fullPath("checkpoints/002"), maximumBytes: 1 << 20)
        #expect(try Publications.judge(old, policy: before.policy).head.size == 2)
        #expect(throws: CheckpointFault.self) { try Publications.judge(old, policy: after.policy) }
    }

    @Test func `A witness that went to another machine is missed, and its former key holds nothing up`() async throws {
        let registry = try await ScratchRegistry.established()
        let files = registry.keys.files
        let state = try Files.read(registry.keys.fullPath("private/KZ-witness.state"), maximumBytes: 1 << 16)
        try await registry.change(try registry.rotation().witness(of: ScratchRegistry.kz))
        let key = try #require(
            Files.names(in: registry.keys.fullPath("private")).first {
                $0.hasPrefix("KZ-witness-") && $0.hasSuffix(".pem")
            })
        // As if the new key had been made, and had cosigned, elsewhere.
        files.remove("private/\(key)")
        try files.replace("private/KZ-witness.state", with: state, mode: 0o600)
        let registrar = try await registry.registrar()
        _ = try registrar.sign(
            registrar.statement(of: .agreementRegistered(ScratchRegistry.body()), agreement: AgreementID("KZ-UZ-1")!),
            documents: [:])
        guard case .pending(_, let missing, _) = try await registrar.commit() else {
            Issue.record("it is published")
            return
        }
        #expect(missing == ["KZ"])
    }

    @Test func `The former log's key signs nothing more`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.change(try registry.rotation().log())
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: registry.keys)
        #expect(ledger.publishedHead.size == 2)
        // The new key is taken away: the old one lies there still.
        let names = try Files.names(in: registry.keys.fullPath("private")).filter { $0.hasPrefix("log-") }
        #expect(names.count == 1)
        registry.keys.files.remove("private/\(names[0])")
        let refusal = await #expect(throws: RegistryError.self) { try await registry.add("KZ-UZ-1") }
        #expect(refusal?.message.hasSuffix("is not the key of this log") ?? false, "\(String(describing: refusal))")
        #expect(try await registry.audit().verdict == .passed)
    }

    @Test func `Former policies are kept for the proofs of their time`() async throws {
        let registry = try await ScratchRegistry.established()
        let first = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).policy
        try await registry.change(try registry.rotation().witness(of: ScratchRegistry.uz))
        try await registry.add("KZ-UZ-1")
        try await registry.change(try registry.rotation().log())
        #expect(registry.keys.formerPolicySizes() == [1, 3])
        let kept = try #require(try registry.keys.formerPolicy(toSize: 1))
        #expect(try WitnessPolicy(parsing: kept).agrees(with: first))
        #expect(try await registry.audit().findings.isEmpty)
        // One that says something else is found.
        try registry.keys.files.replace("policy-to-3", with: kept)
        #expect(try await registry.audit().findings.map(\.key) == ["keys.policy.mismatch"])
    }

    @Test func `A pending change is in effect only when it is published`() async throws {
        let registry = try await ScratchRegistry.established()
        let made = try registry.rotation().witness(of: ScratchRegistry.kz)
        // The new witness key is on another machine.
        let name = try #require(
            try Files.names(in: registry.keys.fullPath("private")).first { $0.hasPrefix("KZ-witness-") })
        let pem = try Files.read(registry.keys.fullPath("private/\(name)"), maximumBytes: 1 << 16)
        registry.keys.files.remove("private/\(name)")
        let old = "private/KZ-witness.pem"
        let oldPEM = try Files.read(registry.keys.fullPath(old), maximumBytes: 1 << 16)
        registry.keys.files.remove(old)
        guard case .pending(_, let missing, _) = try await registry.change(made) else {
            Issue.record("it was published")
            return
        }
        #expect(missing == ["KZ"])
        let policy = try registry.keys.policy()
        #expect(try await registry.audit().verdict == .indeterminate)
        let findings = try await registry.audit().findings
        #expect(findings.map(\.key) == ["ledger.pending"], "\(findings)")

        // The old key does not help.
        try registry.keys.files.create(old, with: oldPEM, mode: 0o600)
        await #expect(throws: RegistryError.self) {
            try await registry.registrar().cosign(parties: [ScratchRegistry.kz])
        }
        #expect(try registry.keys.policy() == policy)
        try registry.keys.files.create("private/\(name)", with: pem, mode: 0o600)
        guard case .published = try await registry.registrar().publish() else {
            Issue.record("it is still pending")
            return
        }
        #expect(try registry.keys.policy() != policy)
        #expect(try await registry.audit().findings.isEmpty)
    }

    // MARK: Other machines

    @Test func `An older keys folder is told of, and brought up to date from the identity alone`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let older = KeysFolder(path: registry.scratch.file("older-keys"))
        try FileManager.default.copyItem(atPath: registry.keys.path, toPath: older.path)
        try await registry.change(try registry.rotation().authority(of: ScratchRegistry.kz))
        try await registry.change(try registry.rotation().witness(of: ScratchRegistry.uz))
        try await registry.change(try registry.enrolment("UZ").withdraw("signer-2", .revoke))
        try await registry.add("KZ-UZ-2")
        let before = try await Audit(registry: registry.registry, keys: older, now: registry.now).run()
        #expect(before.verdict == .failed)
        #expect(before.findings.allSatisfy { $0.key.hasPrefix("keys.") }, "\(before.findings)")
        #expect(before.findings.contains { $0.message.contains("'bitim keys update'") })
        let ledger = try OpenedLedger.open(registry: registry.registry, keys: older)
        #expect(try !KeysUpdate(ledger).write().isEmpty)
        let after = try await Audit(registry: registry.registry, keys: older, now: registry.now).run()
        #expect(after.findings.isEmpty, "\(after.findings)")
        #expect(try KeysUpdate(ledger).write().isEmpty)
    }

    @Test func `What a process that died after publishing did not write, the next addition writes`() async throws {
        let registry = try await ScratchRegistry.established()
        let policy = try #require(try registry.keys.policy())
        try await registry.change(try registry.rotation().witness(of: ScratchRegistry.uz))
        try registry.keys.files.replace(KeysFolder.policyName, with: policy)
        #expect(try await registry.audit().verdict == .failed)
        try await registry.add("KZ-UZ-1")
        #expect(try await registry.audit().findings.isEmpty)
    }

    @Test(arguments: [Kind.signer, .authority, .witness, .log, .revokedSigner])
    func `A checkpoint that was kept before a change of keys is still one to go on from`(_ kind: Kind) async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        let kept = try Files.read(registry.registry.fullPath(RegistryFolder.checkpointName), maximumBytes: 1 << 20)
        try await registry.change(try change(kind, of: registry))
        try await registry.add("KZ-UZ-2")
        let report = try await Audit(registry: registry.registry, keys: registry.keys, now: registry.now)
            .run(since: kept)
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.since.flatMap { $0 }?.checked == 2)
    }
}
