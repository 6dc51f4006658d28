import OpenSSLKit
import Registry
import Support
import Testing

/// The fast path against OpenSSL's own CMS verification: it must never accept what OpenSSL refuses, and of one set of
/// signatures only one encoding.
@Suite struct DifferentialTests {
    /// A leaf, who may sign it, and the judge over it.
    struct Bench: Sendable {
        let content: [UInt8]
        let leaf: [UInt8]
        let certificates: [Certificate]
        let anchors: [Certificate]
        let store: CertificateStore
        let referee: CMSReferee

        init(_ signers: [TestAuthority.Signer], anchors: [Certificate]) throws {
            let content = Array("{\"agreement\":\"KZ-UZ-2025-06\",\"version\":1}".utf8)
            self.content = content
            self.anchors = anchors
            leaf = try SignedData.assemble(signers.map { try $0.signed(content) })
            certificates = signers.map(\.certificate)
            var store = CertificateStore()
            for certificate in certificates { store.insert(certificate) }
            self.store = store
            referee = CMSReferee(
                anchors: anchors.map(\.derBytes), signers: certificates.map(\.derBytes), time: TestAuthority.time)
        }

        /// Whether every signature verifies, as `SignatureCheck` sees it.
        func verifies(_ entry: Entry) -> Bool {
            let outcomes = SignatureCheck.outcomes(of: entry, certificates: store)
            return !outcomes.isEmpty
                && outcomes.allSatisfy {
                    if case .valid = $0 { true } else { false }
                }
        }

        /// Holds one altered leaf against both; says what each made of it.
        func judge(_ leaf: [UInt8]) -> (accepted: Bool, openSSLAccepts: Bool) {
            let entry = Entry(leaf: leaf)
            let content = referee.verify(leaf)
            let verifies = verifies(entry)
            // OpenSSL looks for each signer's digest among the digest algorithms: so does the profile.
            if verifies, content == nil {
                #expect(entry.deviations.contains("its digest algorithms are not those of the signers"))
            }
            let accepted = verifies && entry.deviations.isEmpty
            if accepted { #expect(content == entry.signedData?.content, "the fast path accepts what OpenSSL refuses") }
            return (accepted, content != nil)
        }
    }

    static let two = Result {
        let (kz, uz) = (try TestAuthority("KZ"), try TestAuthority("UZ"))
        return try Bench(
            [kz.signer("KZ signer"), uz.signer("UZ signer")], anchors: [kz.certificate, uz.certificate])
    }

    static let mixed = Result {
        let (kz, uz) = (try TestAuthority("KZ"), try TestAuthority("UZ", key: .generateP384()))
        let tool = OpenSSLTool()
        return try Bench(
            [
                kz.signer("P-256"), uz.signer("P-384", key: .generateP384()),
                kz.signer("RSA", key: tool.key("RSA", "rsa_keygen_bits:3072")),
                uz.signer("RSA-PSS", key: tool.key("RSA-PSS", "rsa_keygen_bits:3072")),
            ], anchors: [kz.certificate, uz.certificate])
    }

    @Test func `A good entry is accepted by both`() throws {
        for bench in [try Self.two.get(), try Self.mixed.get()] {
            let (accepted, openSSLAccepts) = bench.judge(bench.leaf)
            #expect(accepted)
            #expect(openSSLAccepts)
            #expect(bench.referee.verify(bench.leaf) == bench.content)
        }
    }

    @Test func `P-256 and P-384 and RSA and RSA-PSS sign one entry together`() throws {
        let bench = try Self.mixed.get()
        let read = try SignedData(derBytes: bench.leaf)
        #expect(read.digestAlgorithmsDER.count == 2, "SHA-256 and SHA-384")
        let schemes = read.signerInfos.compactMap(\.scheme)
        #expect(schemes.count == 4)
        #expect(schemes.contains(.ecdsa(.sha256)))
        #expect(schemes.contains(.ecdsa(.sha384)))
        #expect(schemes.contains(.rsaPKCS1(.sha256)))
        #expect(schemes.contains { if case .rsaPSS(.sha256, _) = $0 { true } else { false } })
        for signer in read.signerInfos {
            let certificate = try #require(
                bench.certificates.first { signer.signedAttributes?.signingCertificate?.matches($0) == true })
            #expect(SignatureCheck.algorithmFault(signer.scheme, key: certificate.publicKey) == nil)
        }
        let tool = OpenSSLTool()
        #expect(try run(tool, bench, SignedData.embed(bench.certificates, in: bench.leaf)).status == 0)
        #expect(try tool.bytes(of: "content") == bench.content)
    }

    @Test(arguments: 0..<4)
    func `An entry with any byte changed is not accepted`(_ part: Int) throws {
        let bench = try Self.two.get()
        var refusedByProfileAlone = 0
        for position in stride(from: part, to: bench.leaf.count, by: 4) {
            var altered = bench.leaf
            altered[position] ^= 1 << UInt8(position / 4 % 8)
            let (accepted, openSSLAccepts) = bench.judge(altered)
            #expect(!accepted, "byte \(position)")
            if openSSLAccepts { refusedByProfileAlone += 1 }
        }
        #expect(refusedByProfileAlone < bench.leaf.count / 20, "the referee refuses nearly all")
    }

    @Test(arguments: 0..<4)
    func `An entry of mixed signers with any byte changed is not accepted`(_ part: Int) throws {
        let bench = try Self.mixed.get()
        for position in stride(from: part * 2, to: bench.leaf.count, by: 8) {
            var altered = bench.leaf
            altered[position] &+= UInt8(1 + position % 255)
            #expect(!bench.judge(altered).accepted, "byte \(position)")
        }
    }

    @Test func `An entry with a byte too many or too few is not accepted`() throws {
        let bench = try Self.two.get()
        for position in stride(from: 0, to: bench.leaf.count, by: 9) {
            var longer = bench.leaf
            longer.insert(bench.leaf[position], at: position)
            #expect(!bench.judge(longer).accepted, "byte \(position) twice")
            var shorter = bench.leaf
            shorter.remove(at: position)
            #expect(!bench.judge(shorter).accepted, "without byte \(position)")
            #expect(!bench.judge(Array(bench.leaf.prefix(position))).accepted, "\(position) bytes of it")
        }
    }

    /// The in-process referee is the tool's judgement: a sample of the changed entries through the program itself.
    @Test func `The openssl tool judges as the referee does`() throws {
        let bench = try Self.two.get()
        let tool = OpenSSLTool()
        try tool.scratch.write(try bench.certificates.flatMap { try $0.pem() }, to: "signers.pem")
        var entries = [bench.leaf]
        for position in stride(from: 3, to: bench.leaf.count, by: bench.leaf.count / 16) {
            var altered = bench.leaf
            altered[position] ^= 0x10
            entries.append(altered)
        }
        for entry in entries {
            let accepted = bench.referee.verify(entry) != nil
            let run = try run(tool, bench, entry, ["-certfile", "signers.pem"])
            #expect((run.status == 0) == accepted, "\(run.standardError)")
        }
    }

    private func run(_ tool: OpenSSLTool, _ bench: Bench, _ entry: [UInt8], _ more: [String] = []) throws -> CommandRun
    {
        try tool.scratch.write(entry, to: "entry.p7s")
        try tool.scratch.write(try bench.anchors.flatMap { try $0.pem() }, to: "both.pem")
        return try tool.run(
            [
                "cms", "-verify", "-inform", "DER", "-in", "entry.p7s", "-purpose", "any", "-cades", "-attime",
                String(TestAuthority.time), "-CAfile", "both.pem", "-binary", "-out", "content",
            ] + more)
    }
}
