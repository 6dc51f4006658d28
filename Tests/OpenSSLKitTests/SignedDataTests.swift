import OpenSSLKit
import Support
import Testing

@Suite struct SignedDataTests {
    private static let content = Array("{\"agreement\":\"KZ-UZ-2025-06\"}\n\r\n\u{0}".utf8)

    /// What leaves the registry: with certificates inside, for verifiers that have nothing else.
    private func verify(
        _ leaf: [UInt8], _ certificates: [Certificate], anchors: [Certificate], content: [UInt8] = content,
        tool: OpenSSLTool = OpenSSLTool()
    ) throws -> CommandRun {
        try tool.scratch.write(try SignedData.embed(certificates, in: leaf), to: "entry.p7s")
        try tool.scratch.write(try anchors.flatMap { try $0.pem() }, to: "both.pem")
        let run = try tool.run([
            "cms", "-verify", "-inform", "DER", "-in", "entry.p7s", "-purpose", "any", "-cades", "-attime",
            String(TestAuthority.time), "-CAfile", "both.pem", "-binary", "-out", "content",
        ])
        if run.status == 0 { #expect(try tool.bytes(of: "content") == content) }
        return run
    }

    @Test func `One party's signature is accepted by the openssl tool`() throws {
        let authority = try TestAuthority("KZ")
        let signer = try authority.signer("KZ signer")
        let signed = try SignedData.sign(
            Self.content, certificate: signer.certificate, key: signer.key, signingTime: TestAuthority.time)
        let run = try verify(signed, [signer.certificate], anchors: [authority.certificate])
        #expect(run.status == 0, "\(run.standardError)")
        #expect(try verify(signed, [signer.certificate], anchors: [TestAuthority("UZ").certificate]).status != 0)
    }

    @Test func `Two parties' signatures are accepted together and need both authorities`() throws {
        let (kz, uz) = (try TestAuthority("KZ"), try TestAuthority("UZ"))
        let signers = [try kz.signer("KZ signer"), try uz.signer("UZ signer")]
        let leaf = try SignedData.assemble(signers.map { try $0.signed(Self.content) })
        let certificates = signers.map(\.certificate)
        let run = try verify(leaf, certificates, anchors: [kz.certificate, uz.certificate])
        #expect(run.status == 0, "\(run.standardError)")
        #expect(try verify(leaf, certificates, anchors: [kz.certificate]).status != 0)
        #expect(try verify(leaf, [certificates[0]], anchors: [kz.certificate, uz.certificate]).status != 0)
    }

    @Test func `The leaf is the export without certificates byte for byte`() throws {
        let (kz, uz) = (try TestAuthority("KZ"), try TestAuthority("UZ"))
        let signers = [try kz.signer("KZ signer"), try uz.signer("UZ signer")]
        let leaf = try SignedData.assemble(signers.map { try $0.signed(Self.content) })
        let export = try SignedData.embed(signers.map(\.certificate), in: leaf)
        #expect(export != leaf)
        let read = try SignedData(derBytes: export)
        #expect(read.certificatesDER.count == 2)
        #expect(try read.withoutCertificates() == leaf)
        #expect(try SignedData.assemble([read]) == leaf)
        #expect(try SignedData.reencoded(leaf) == leaf)
    }

    @Test func `Assembling is the same in any order of the parts`() throws {
        let signers = try ["A", "B", "C"].map { try TestAuthority($0).signer("\($0) signer") }
        let parts = try signers.map { try $0.signed(Self.content) }
        let leaf = try SignedData.assemble(parts)
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            #expect(try SignedData.assemble(order.map { parts[$0] }) == leaf)
        }
        let two = try SignedData(derBytes: SignedData.assemble([parts[0], parts[1]]))
        #expect(try SignedData.assemble([two, parts[2]]) == leaf, "one after the other")
        let read = try SignedData(derBytes: leaf)
        #expect(read.setsAreInDEROrder)
        #expect(Set(read.signerInfos.map(\.derBytes)) == Set(parts.flatMap(\.signerInfos).map(\.derBytes)))
    }

    @Test func `Parts over different content are not assembled`() throws {
        let signers = [try TestAuthority("KZ").signer("KZ signer"), try TestAuthority("UZ").signer("UZ signer")]
        let parts = [try signers[0].signed([1, 2, 3]), try signers[1].signed([1, 2, 4])]
        #expect(throws: SignedDataError.self) { try SignedData.assemble(parts) }
        #expect(throws: SignedDataError.self) { try SignedData.assemble([]) }
    }

    /// OpenSSL's own way to add a signer copies the first one's message-digest blindly: over altered content, too.
    @Test func `A signature over other content is not merged`() throws {
        let tool = OpenSSLTool()
        let signers = [try TestAuthority("KZ").signer("KZ signer"), try TestAuthority("UZ").signer("UZ signer")]
        let first = try SignedData.sign(
            Self.content, certificate: signers[0].certificate, key: signers[0].key, signingTime: TestAuthority.time)
        var altered = first
        let start = try #require(altered.indices.first { altered[$0...].starts(with: Self.content) })
        altered[start + 15] ^= 1
        try tool.scratch.write(altered, to: "altered.p7s")
        try tool.scratch.write(signers[1].certificate.pem(), to: "signer.pem")
        try tool.scratch.write(signers[1].key.pem(passphrase: nil).revealed(), to: "key.pem")
        let resign = try tool.run([
            "cms", "-resign", "-inform", "DER", "-in", "altered.p7s", "-signer", "signer.pem", "-inkey", "key.pem",
            "-cades", "-nosmimecap", "-binary", "-nodetach", "-outform", "DER", "-out", "blind.p7s",
        ])
        #expect(resign.status == 0, "the trap is still there: \(resign.standardError)")
        let blind = try SignedData(derBytes: tool.bytes(of: "blind.p7s"))
        #expect(blind.signerInfos.count == 2)
        #expect(throws: SignedDataError.self) { try SignedData.assemble([blind]) }
    }

    /// What the other capital makes with the tool alone, as DESIGN.md describes it.
    @Test func `A signature of the openssl tool is merged unchanged`() throws {
        let tool = OpenSSLTool()
        let (kz, uz) = (try TestAuthority("KZ"), try TestAuthority("UZ"))
        let signers = [try kz.signer("KZ signer"), try uz.signer("UZ signer")]
        try tool.scratch.write(Self.content, to: "statement")
        try tool.scratch.write(signers[1].certificate.pem(), to: "signer.pem")
        try tool.scratch.write(signers[1].key.pem(passphrase: nil).revealed(), to: "key.pem")
        let sign = try tool.run([
            "cms", "-sign", "-binary", "-nodetach", "-cades", "-nosmimecap", "-md", "sha256", "-in", "statement",
            "-signer", "signer.pem", "-inkey", "key.pem", "-outform", "DER", "-out", "theirs.p7s",
        ])
        #expect(sign.status == 0, "\(sign.standardError)")
        let theirs = try SignedData(derBytes: tool.bytes(of: "theirs.p7s"))
        let leaf = try SignedData.assemble([signers[0].signed(Self.content), theirs])
        let read = try SignedData(derBytes: leaf)
        #expect(read.certificatesDER.isEmpty)
        #expect(read.signerInfos.map(\.derBytes).contains(theirs.signerInfos[0].derBytes))
        let run = try verify(leaf, signers.map(\.certificate), anchors: [kz.certificate, uz.certificate], tool: tool)
        #expect(run.status == 0, "\(run.standardError)")
    }

    @Test(arguments: [0, 1, 1_800_000_000, 2_524_607_999, 2_524_608_000, 4_102_444_800] as [Int64])
    func `The signing time is the one that was given`(_ time: Int64) throws {
        let signer = try TestAuthority("KZ").signer("KZ signer")
        let read = try signer.signed(Self.content, at: time)
        #expect(read.signerInfos.map { $0.signedAttributes?.signingTime } == [time])
    }

    @Test(arguments: [0, 1, 127, 128, 255, 256, 32_768, 60_000])
    func `Content of any length comes out as it went in`(_ count: Int) throws {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let authority = try TestAuthority("KZ")
        let signer = try authority.signer("KZ signer")
        let read = try signer.signed(content)
        #expect(read.content == content)
        let referee = CMSReferee(
            anchors: [authority.certificate.derBytes], signers: [signer.certificate.derBytes], time: TestAuthority.time)
        #expect(referee.verify(try SignedData.assemble([read])) == content)
    }
}
