import OpenSSLKit
import Support
import Testing

@Suite struct CertificateTests {
    private func verify(_ tool: OpenSSLTool, at time: Int64 = TestAuthority.time, _ more: [String] = []) throws
        -> CommandRun
    {
        try tool.run(
            ["verify", "-CAfile", "authority.pem", "-attime", String(time), "-x509_strict"] + more + ["signer.pem"])
    }

    @Test func `A signer's certificate verifies with the openssl tool under its own authority only`() throws {
        let tool = OpenSSLTool()
        let authority = try TestAuthority("An authority")
        let signer = try authority.signer("A signer")
        try tool.scratch.write(authority.certificate.pem(), to: "authority.pem")
        try tool.scratch.write(signer.certificate.pem(), to: "signer.pem")
        let good = try verify(tool)
        #expect(good.status == 0, "\(good.standardError)")
        #expect(good.standardOutput == "signer.pem: OK\n")
        #expect(try verify(tool, at: signer.certificate.notAfter + 1).status != 0)
        #expect(try verify(tool, at: signer.certificate.notBefore - 1).status != 0)
        try tool.scratch.write(TestAuthority("An authority").certificate.pem(), to: "authority.pem")
        #expect(try verify(tool).status != 0, "the same name is not the same authority")
    }

    @Test(arguments: [PrivateKeyTests.Kind.p256, .p384, .rsa, .ed25519])
    func `Certificates of every kind of key verify`(_ kind: PrivateKeyTests.Kind) throws {
        let tool = OpenSSLTool()
        let authority = try TestAuthority("An authority", key: kind == .ed25519 ? nil : kind.make())
        try tool.scratch.write(authority.certificate.pem(), to: "authority.pem")
        try tool.scratch.write(authority.issue("A signer", kind.make().publicKey).pem(), to: "signer.pem")
        let run = try verify(tool)
        #expect(run.status == 0, "\(run.standardError)")
    }

    @Test func `The openssl tool reads what a certificate says`() throws {
        let tool = OpenSSLTool()
        let authority = try TestAuthority("An authority")
        try tool.scratch.write(authority.certificate.pem(), to: "authority.pem")
        try tool.scratch.write(authority.signer("A signer").certificate.pem(), to: "signer.pem")
        let signer = try tool.run(
            [
                "x509", "-in", "signer.pem", "-noout", "-subject", "-nameopt", "utf8", "-dates", "-ext",
                "basicConstraints,keyUsage",
            ]
        ).standardOutput
        #expect(signer.contains("C=UZ, O=Bitim келісім, CN=A signer"), "\(signer)")
        #expect(signer.contains("notBefore=Jan 14 08:00:00 2027 GMT"))
        #expect(signer.contains("notAfter=Jan 16 08:00:00 2027 GMT"))
        #expect(signer.contains("X509v3 Basic Constraints: critical\n    CA:FALSE"))
        #expect(signer.contains("X509v3 Key Usage: critical\n    Digital Signature, Non Repudiation"))
        let authorityText = try tool.run(
            ["x509", "-in", "authority.pem", "-noout", "-ext", "basicConstraints,keyUsage"]).standardOutput
        #expect(authorityText.contains("X509v3 Basic Constraints: critical\n    CA:TRUE"))
        #expect(authorityText.contains("X509v3 Key Usage: critical\n    Certificate Sign, CRL Sign"))
    }

    @Test func `A certificate says of itself what was asked for`() throws {
        let authority = try TestAuthority("An authority")
        let signer = try authority.signer("A signer").certificate
        #expect(signer.subject == "CN=A signer,O=Bitim келісім,C=UZ")
        #expect(signer.notBefore == TestAuthority.time - 86400)
        #expect(signer.notAfter == TestAuthority.time + 86400)
        #expect(!signer.isAuthority)
        #expect(signer.allowsSignatures)
        #expect(authority.certificate.isAuthority)
        #expect(!authority.certificate.allowsSignatures)
        #expect(signer.issuer == authority.certificate.issuer)
        #expect(signer.fingerprint == SHA256Hasher.hash(signer.derBytes))
        #expect(signer.serialNumber.count == 20)
        #expect((signer.serialNumber.first ?? 0) & 0x80 == 0, "positive")
        #expect(try authority.signer("A signer").certificate.serialNumber != signer.serialNumber)
    }

    @Test func `A certificate may end after 2050`() throws {
        let authority = try TestAuthority("An authority")
        let end: Int64 = 4_000_000_000
        let certificate = try authority.issue("A signer", authority.key.publicKey, notAfter: end)
        #expect(certificate.notAfter == end)
    }

    @Test func `A certificate is read from its very bytes and no others`() throws {
        let der = try TestAuthority("An authority").certificate.derBytes
        #expect(try Certificate(derBytes: der).derBytes == der)
        #expect(throws: OpenSSLError.self) { try Certificate(derBytes: der + [0]) }
        #expect(throws: OpenSSLError.self) { try Certificate(derBytes: der.dropLast()) }
        #expect(throws: OpenSSLError.self) { try Certificate(derBytes: []) }
        #expect(throws: OpenSSLError.self) { try Certificate(derBytes: [0x30, 0x80, 0, 0]) }
    }

    @Test(arguments: [PrivateKeyTests.Kind.p256, .p384, .rsa, .ed25519])
    func `The outline of a certificate is what OpenSSL reads`(_ kind: PrivateKeyTests.Kind) throws {
        let authority = try TestAuthority("An authority")
        for certificate in [
            try authority.issue("A signer", kind.make().publicKey), authority.certificate,
        ] {
            let outline = try CertificateOutline(derBytes: certificate.derBytes)
            #expect(outline.issuer == certificate.issuer)
            #expect(outline.serialNumber == certificate.serialNumber)
            #expect(try outline.subjectPublicKeyInfo == certificate.publicKey.subjectPublicKeyInfo())
        }
    }

    @Test func `What is no certificate has no outline`() throws {
        let der = try TestAuthority("An authority").certificate.derBytes
        for bytes in [[], Array(der.dropLast()), der + [0], [0x30, 0], [0x30, 2, 0x30, 0], [0x30, 2, 0x05, 0]] {
            #expect(throws: SignedDataError.self) { try CertificateOutline(derBytes: bytes) }
        }
    }

    @Test func `All certificates of a PEM text are read in their order or none is`() throws {
        let certificates = try ["A", "B", "C"].map { try TestAuthority($0).certificate }
        let pem = try certificates.flatMap { try $0.pem() }
        #expect(try Certificate.all(inPEM: pem).map(\.fingerprint) == certificates.map(\.fingerprint))
        let commented = Array("A comment.\n".utf8) + pem
        #expect(try Certificate.all(inPEM: commented).count == 3)
        #expect(throws: OpenSSLError.self) { try Certificate.all(inPEM: []) }
        #expect(throws: OpenSSLError.self) { try Certificate.all(inPEM: Array("no certificate".utf8)) }
        #expect(throws: OpenSSLError.self) { try Certificate.all(inPEM: pem.dropLast(40)) }
        var damaged = pem
        damaged[pem.count / 2] = UInt8(ascii: "*")
        #expect(throws: OpenSSLError.self) { try Certificate.all(inPEM: damaged) }
    }

    // MARK: Chains

    private func chain(_ anchors: [Certificate], _ certificate: Certificate, _ intermediates: [Certificate] = []) throws
        -> TrustAnchors.Chain?
    {
        switch try TrustAnchors(anchors).chain(for: certificate, intermediates: intermediates) {
        case .chain(let chain): chain
        case .noChain: nil
        }
    }

    @Test func `A chain leads from a signer through intermediates to an anchor`() throws {
        let root = try TestAuthority("A root")
        let key = try PrivateKey.generateP256()
        let time = TestAuthority.time
        let middle = TestAuthority(
            certificate: try root.issue(
                "Between", key.publicKey, isAuthority: true, notBefore: time - 100, notAfter: time + 200), key: key)
        let signer = try middle.issue("A signer", PrivateKey.generateP256().publicKey, notAfter: time + 100)
        let found = try #require(try chain([root.certificate], signer, [middle.certificate]))
        #expect(found.fingerprints == [signer, middle.certificate, root.certificate].map(\.fingerprint))
        #expect(found.notBefore == time - 100)
        #expect(found.notAfter == time + 100)
        for (moment, isValid) in [(-101, false), (-100, true), (100, true), (101, false)] as [(Int64, Bool)] {
            #expect(found.isValid(at: time + moment) == isValid)
        }
        #expect(try chain([root.certificate], signer) == nil, "the one between is missing")
        #expect(try chain([TestAuthority("Other").certificate], signer, [middle.certificate]) == nil)
        #expect(try chain([], signer, [middle.certificate, root.certificate]) == nil, "what is held is no anchor")
    }

    @Test func `A signer issues no certificates`() throws {
        let root = try TestAuthority("A root")
        let signer = try root.signer("A signer")
        let below = TestAuthority(certificate: signer.certificate, key: signer.key)
        let made = try below.issue("Made by a signer", PrivateKey.generateP256().publicKey)
        #expect(try chain([root.certificate], made, [signer.certificate]) == nil)
    }

    @Test func `An authority of the same name and another key is another one`() throws {
        let root = try TestAuthority("A root")
        let signer = try root.signer("A signer").certificate
        #expect(try chain([TestAuthority("A root").certificate], signer) == nil)
    }
}
