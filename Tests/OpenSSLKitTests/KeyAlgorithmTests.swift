import OpenSSLKit
import Support
import Testing

/// Keys of every kind that are made here, judged by the `openssl` program.
@Suite struct KeyAlgorithmTests {
    private static let algorithms: [KeyAlgorithm] = [
        .p256, .p384, .rsa(bits: 3072), .rsa(bits: 4096), .rsaPSS(bits: 3072),
    ]

    @Test(arguments: algorithms)
    func `A key of each kind certifies and signs`(_ algorithm: KeyAlgorithm) throws {
        let key = try PrivateKey.generate(algorithm)
        #expect(key.algorithm == algorithm)
        // One key for both: the larger ones take their time.
        let authority = try TestAuthority("Authority", key: key)
        let signer = try authority.signer("Signer", key: key)
        let content = Array("{\"version\":1}".utf8)
        let signed = try SignedData.embed([signer.certificate], in: signer.signed(content).withoutCertificates())
        let tool = OpenSSLTool()
        try tool.scratch.write(signed, to: "signed")
        try tool.scratch.write(authority.certificate.pem(), to: "authority.pem")
        let run = try tool.run([
            "cms", "-verify", "-inform", "DER", "-in", "signed", "-purpose", "any", "-cades", "-attime",
            String(TestAuthority.time), "-CAfile", "authority.pem", "-binary", "-out", "content",
        ])
        #expect(run.status == 0, "\(run.standardError)")
        #expect(try tool.bytes(of: "content") == content)
        let signerInfo = try SignedData(derBytes: signed).signerInfos[0]
        #expect(signerInfo.digestAlgorithm == (algorithm == .p384 ? .sha384 : .sha256))
        let meant = signerInfo.signedAttributes?.signingCertificate
        #expect(meant?.matches(signer.certificate) == true)
        let scheme: SignatureScheme =
            switch algorithm {
            case .p256: .ecdsa(.sha256)
            case .p384: .ecdsa(.sha384)
            case .rsaPSS: .rsaPSS(.sha256, saltLength: 32)
            default: .rsaPKCS1(.sha256)
            }
        #expect(signerInfo.scheme == scheme)
        // PKCS#8 there and back.
        let pem = try key.pem(passphrase: secret("a secret")).revealed()
        #expect(try PrivateKey(pem: pem, passphrase: secret("a secret")).algorithm == algorithm)
    }

    @Test func `An RSA-PSS key leaves digest and salt open`() throws {
        let key = try PrivateKey.generate(.rsaPSS(bits: 2048))
        let tool = OpenSSLTool()
        try tool.scratch.write(key.pem(passphrase: nil).revealed(), to: "key.pem")
        let text = try tool.run(["pkey", "-in", "key.pem", "-noout", "-text_pub"]).standardOutput
        #expect(text.contains("No PSS parameter restrictions"))
        for digest in DigestAlgorithm.allCases {
            let scheme = SignatureScheme.rsaPSS(digest, saltLength: digest.byteCount)
            let signature = try key.sign([1], scheme: scheme)
            #expect(key.publicKey.isValid(signature: signature, for: [1], scheme: scheme))
        }
    }

    @Test func `Keys of other kinds are not made`() {
        #expect(throws: OpenSSLError.self) { try PrivateKey.generate(.other("EC secp521r1")) }
    }
}
