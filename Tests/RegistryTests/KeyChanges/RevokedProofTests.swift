import Agreements
import OpenSSLKit
import Registry
import Support
import Testing

/// Proofs of entries whose signer, or whose signer's authority, was revoked since: keys alone cannot tell what came first.
@Suite struct RevokedProofTests {
    private func finding(_ report: VerificationReport) throws -> Finding {
        let findings = report.targets.flatMap(\.findings).filter { $0.severity != .warning }
        #expect(findings.map(\.key) == ["entry.signer.unconfirmed"], "\(findings)")
        #expect(report.verdict == .indeterminate)
        return try #require(findings.first)
    }

    @Test func `An entry of before its signer's authority was revoked is indeterminate offline, and it says why`()
        async throws
    {
        let registry = try await SignerChoiceTests.withRevokedAuthority()
        try await registry.add("KZ-UZ-2")
        let folder = try OfflineFolder(registry)
        let documents = (1...2).map { Array("The text of KZ-UZ-\($0).\n".utf8) }
        let old = try await registry.proving.prove(.index(1))
        #expect(old.verdict == .passed)
        let found = try finding(try await folder.verify(old, documents: [documents[0]]))
        #expect(found.message.contains("the authority that the signer's certificate chains to is revoked"))
        #expect(found.path == "keys/KZ/revoked.pem")
        // The bare leaf too, and nothing of it touches what the new signers sign.
        _ = try finding(try await folder.verify(old.proof, Array(old.judged.entry.leaf), documents: [documents[0]]))
        let new = try await registry.proving.prove(.index(3))
        #expect(try await folder.verify(new, documents: [documents[1]]).verdict == .passed)
        // Without revoked.pem it is nobody's.
        try folder.remove("keys/KZ/revoked.pem")
        #expect(try await folder.verify(old, documents: [documents[0]]).verdict == .failed)
    }

    @Test func `Nothing that a revoked authority issues passes offline`() async throws {
        let registry = try await SignerChoiceTests.withRevokedAuthority()
        let old = try registry.signer("KZ")
        let leaf = try registry.leaf(
            content: try await registry.statement("KZ-UZ-9").canonicalBytes,
            signers: [old, try registry.signer("UZ")])
        try await registry.putByHand([leaf])
        let proved = try await registry.proving.prove(.index(3))
        #expect(proved.verdict == .failed)
        _ = try finding(try await OfflineFolder(registry).verify(proved))
    }

    @Test func `Of a revoked signer it is said that it is revoked`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("KZ-UZ-1")
        try await registry.change(try registry.enrolment("KZ").withdraw("signer-1", .revoke))
        let folder = try OfflineFolder(registry)
        let proved = try await registry.proving.prove(.index(1))
        let document = Array("The text of KZ-UZ-1.\n".utf8)
        let found = try finding(try await folder.verify(proved, documents: [document]))
        #expect(found.message.contains("the signer's certificate is revoked"), "\(found.message)")
        // On a machine that has it from revoked.pem alone.
        try folder.remove("keys/KZ/signer-1.pem")
        let again = try finding(
            try await folder.verify(proved.proof, Array(proved.judged.entry.leaf), documents: [document]))
        #expect(again == found)
    }
}
