import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// A proof, the entry that it is of, and `keys/`: nothing else is looked at.
@Suite struct OfflineProofTests {
    @Test func `Every entry is proved against every checkpoint that includes it`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3])
        let folder = try OfflineFolder(registry)
        for size: Int64 in [1, 3, 6] {
            for index in 0..<size {
                let proved = try await registry.proving.prove(.index(index), checkpoint: size)
                #expect(proved.verdict == .passed)
                #expect(proved.head.size == size)
                let documents = index == 0 ? [] : [Array("The text of A-\(index - 1).\n".utf8)]
                let report = try await folder.verify(proved, documents: documents)
                #expect(report.verdict == .passed, "\(index) of \(size): \(report.keys)")
                #expect(report.targets.first?.kind == "proof")
                #expect(report.targets.first?.entries.first?.index == index)
                #expect(report.treeSize == size)
            }
            #expect(
                await refusal { _ = try await registry.proving.prove(.index(5), checkpoint: size == 6 ? 3 : size) }
                    == .refused)
        }
        #expect(await refusal { _ = try await registry.proving.prove(.index(0), checkpoint: 2) } == .unavailable)
        for index: Int64 in [-1, 6, .max] {
            #expect(await refusal { _ = try await registry.proving.prove(.index(index)) } == .unavailable)
        }
        let byID = try await registry.proving.prove(.agreement(AgreementID("A-4")!))
        #expect(byID.judged.index == 5)
        #expect(byID.fileName == "A-4-5")
    }

    @Test func `The bare leaf verifies too, with the signers' certificates from keys`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let folder = try OfflineFolder(registry)
        let proved = try await registry.proving.prove(.index(1))
        let leaf = Array(proved.judged.entry.leaf)
        #expect(try await folder.verify(proved.proof, leaf).verdict == .passed)
        try folder.remove("keys/UZ/signer-1.pem")
        let report = try await folder.verify(proved.proof, leaf)
        #expect(report.verdict == .indeterminate)
        #expect(report.keys == ["certificate.missing"])
    }

    @Test func `No change of a byte of the proof or of the entry passes`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [4])
        let folder = try OfflineFolder(registry)
        let proved = try await registry.proving.prove(.index(2))
        #expect(try await folder.verify(proved).verdict == .passed)
        // Every byte of a proof is changed in TiledLogTests; here it goes through everything.
        for position in stride(from: 0, to: proved.proof.count, by: 11) {
            var changed = proved.proof
            changed[position] ^= UInt8(1 << (position % 8))
            // Without its first line a file is no proof any more.
            guard let report = try? await folder.verify(changed, proved.exported) else {
                #expect(position < 20)
                continue
            }
            #expect(report.verdict == .failed, "byte \(position) of the proof")
        }
        for position in stride(from: 0, to: proved.exported.count, by: 7) {
            var changed = proved.exported
            changed[position] ^= UInt8(1 << (position % 8))
            // Some are no entry any more; then there is nothing to hold the proof against.
            guard let report = try? await folder.verify(proved.proof, changed) else { continue }
            #expect(report.verdict != .passed, "byte \(position) of the entry")
        }
        for changed in [proved.exported + [0], Array(proved.exported.dropLast())] {
            #expect(await refusal { _ = try await folder.verify(proved.proof, changed) } == .usage)
        }
    }

    @Test func `Another entry, index, root or origin fails, and says why`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [4])
        let folder = try OfflineFolder(registry)
        let proved = try await registry.proving.prove(.index(2))
        let other = try await registry.proving.prove(.index(3))
        #expect(try await folder.verify(proved.proof, other.exported).keys == ["proof.inclusion"])
        let text = String(decoding: proved.proof, as: UTF8.self)
        for (part, replacement, key) in [
            ("index 2\n", "index 3\n", "proof.inclusion"), ("index 2\n", "index 77\n", "proof.inclusion"),
            ("\n5\n", "\n6\n", "checkpoint.signature.invalid"),
            ("test.example/registry\n", "test.example/registrY\n", "checkpoint.signature.missing"),
        ] {
            let changed = text.replacing(part, with: replacement, maxReplacements: 1)
            #expect(changed != text)
            let report = try await folder.verify(Array(changed.utf8), proved.exported)
            #expect(report.verdict == .failed)
            #expect(report.keys.contains { $0.hasPrefix(key.prefix(20)) }, "\(part): \(report.keys)")
        }
    }

    /// What lenient readers let through.
    @Test func `One spelling of a proof is taken`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [4])
        let folder = try OfflineFolder(registry)
        let proved = try await registry.proving.prove(.index(2))
        let text = String(decoding: proved.proof, as: UTF8.self)
        let stranger = try NoteSigner(
            name: #require(KeyName("stranger.example/log")), key: PrivateKey.generateEd25519())
        let line = String(decoding: try stranger.sign(Array("x\n".utf8)).line, as: UTF8.self)
        let hash = try #require(text.split(separator: "\n").dropFirst(2).first)
        let last = try #require(hash.dropLast().last)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let spare = hash.dropLast(2) + "\(alphabet[try #require(alphabet.firstIndex(of: last)) + 1])="
        for (lenient, key) in [
            (text.replacing("index 2\n", with: "index 0002\n"), "proof.malformed"),
            (text.replacing("index 2\n", with: "index 02\n"), "proof.malformed"),
            (text.replacing("index 2\n", with: "index 2\r\n"), "proof.malformed"),
            (text.replacing("\n", with: "\r\n"), "proof.malformed"),
            (String(text.dropLast()), "proof.malformed"),
            (text + "\n", "proof.malformed"),
            (text.replacing(hash, with: spare), "proof.malformed"),
            (text.replacing("tlog-proof@v1", with: "tlog-proof@v2"), "proof.malformed"),
            (text + line, "checkpoint.signature.unknown"),
        ] {
            #expect(lenient != text)
            let report = try await folder.verify(Array(lenient.utf8), proved.exported)
            #expect(report.verdict == .failed)
            #expect(report.keys.contains(key), "\(report.keys)")
        }
        // Allowed by the specification, vouched for by nobody.
        let extra = text.replacing("index 2\n", with: "extra aGVsbG8=\nindex 2\n")
        let report = try await folder.verify(Array(extra.utf8), proved.exported)
        #expect(report.targets.first?.findings.map(\.key) == ["proof.extra"])
    }

    @Test(arguments: [
        ("keys/identity", "identity.unpinned"), ("keys/policy", "keys.policy.missing"),
        ("keys/UZ/authority.pem", "keys.authority.missing"), ("keys/UZ/signer-1.pem", "entry.signer.unconfirmed"),
    ])
    func `What keys alone cannot show is indeterminate`(file: String, key: String) async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let folder = try OfflineFolder(registry)
        try folder.remove(file)
        let report = try await folder.verify(try await registry.proving.prove(.index(1)))
        #expect(report.verdict == .indeterminate, "\(report.keys)")
        #expect(report.keys.contains(key), "\(report.keys)")
    }

    @Test func `Another registry's identity, policy or authority fails`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let other = try await ScratchRegistry.established()
        for (file, key) in [
            ("identity", "statement.ledger.mismatch"), ("policy", "checkpoint.signature.missing"),
            ("UZ", "entry.signer.chain"),
        ] {
            let folder = try OfflineFolder(registry)
            try folder.remove("keys/\(file)")
            let run = try CommandRun.run(
                "/bin/cp", ["-a", "\(other.keys.path)/\(file)", folder.keys.path], folder: "/")
            #expect(run.status == 0)
            let report = try await folder.verify(try await registry.proving.prove(.index(1)))
            #expect(report.verdict == .failed)
            #expect(report.keys.contains(key), "\(file): \(report.keys)")
        }
        let folder = try OfflineFolder(registry)
        try folder.scratch.write(other.identity.text + "\n", to: "keys/identity")
        let report = try await folder.verify(try await registry.proving.prove(.index(0)))
        #expect(report.keys == ["identity.mismatch"])
    }

    /// That somebody is on a party's list is for the ledger to say: an authority may have issued millions.
    @Test func `An unlisted certificate of a party's authority is not confirmed`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let (authority, authorityKey) = try registry.authority("UZ")
        let key = try PrivateKey.generateP256()
        let clerk = try CertificateForge(issuer: authority, issuerKey: authorityKey).ordinary("clerk", key.publicKey)
        try registry.holdCertificate(clerk)
        let leaf = try await registry.leaf(
            content: registry.patientStatement("X-1").canonicalBytes, signers: [registry.signer("KZ"), (clerk, key)])
        try await registry.putByHand([leaf])
        let proved = try await registry.proving.prove(.index(2))
        #expect(proved.verdict == .failed)
        let report = try await OfflineFolder(registry).verify(proved)
        #expect(report.verdict == .indeterminate)
        #expect(report.keys == ["entry.signer.unconfirmed"])
    }

    @Test func `A bad entry in a good tree fails: proved is not right`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let leaf = try await registry.leaf(
            content: registry.patientStatement("X-1").canonicalBytes, signers: [registry.signer("KZ")])
        try await registry.putByHand([leaf])
        let report = try await OfflineFolder(registry).verify(try await registry.proving.prove(.index(2)))
        #expect(report.verdict == .failed)
        #expect(report.keys == ["entry.signers.missing"])
    }

    @Test func `A document that is not the entry's own fails`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2])
        let folder = try OfflineFolder(registry)
        let proved = try await registry.proving.prove(.index(1))
        let own = Array("The text of A-0.\n".utf8)
        for foreign in [Array("The text of A-1.\n".utf8), own + [0x20], Array("x".utf8)] {
            let report = try await folder.verify(proved, documents: [own, foreign])
            #expect(report.targets.map(\.verdict) == [.passed, .passed, .failed])
            #expect(report.keys == ["document.other-entry"])
        }
    }

    @Test func `A certificate beside the signers' own is told`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let folder = try OfflineFolder(registry)
        let proved = try await registry.proving.prove(.index(1))
        let more = try SignedData.embed([registry.signer("KZ", 2).certificate], in: proved.exported)
        let report = try await folder.verify(proved.proof, more)
        #expect(report.verdict == .indeterminate)
        #expect(report.keys == ["entry.variant"])
    }

    @Test func `A checkpoint is judged by the policy of its size`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 2, 2])
        let other = try await ScratchRegistry.established()
        let folder = try OfflineFolder(registry)
        let own = try #require(try registry.keys.policy())
        let foreign = try #require(try other.keys.policy())
        // Superseded after 3 entries: larger checkpoints are judged by what holds now.
        try folder.scratch.write(own, to: "keys/policy-to-3")
        try folder.scratch.write(foreign, to: "keys/policy")
        func verdict(_ size: Int64) async throws -> Verdict {
            try await folder.verify(try await registry.proving.prove(.index(1), checkpoint: size)).verdict
        }
        #expect(try await verdict(3) == .passed)
        #expect(try await verdict(5) == .failed)
        try folder.scratch.write(own, to: "keys/policy-to-5")
        try folder.scratch.write(foreign, to: "keys/policy-to-3")
        #expect(try await verdict(3) == .failed)
        #expect(try await verdict(5) == .passed)
        #expect(try await verdict(7) == .failed)
        #expect(try folder.keys.policy(forSize: 4)?.name == "policy-to-5")
        #expect(try folder.keys.policy(forSize: 6)?.name == "policy")
    }
}
