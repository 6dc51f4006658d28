import OpenSSLKit
import Support
import Testing

@Suite struct PrivateKeyTests {
    enum Kind: CaseIterable, Sendable {
        case p256, p384, ed25519, rsa

        func make() throws -> PrivateKey {
            switch self {
            case .p256: try .generateP256()
            case .p384: try .generateP384()
            case .ed25519: try .generateEd25519()
            case .rsa: try OpenSSLTool().key("RSA", "rsa_keygen_bits:2048")
            }
        }

        var algorithm: KeyAlgorithm {
            switch self {
            case .p256: .p256
            case .p384: .p384
            case .ed25519: .ed25519
            case .rsa: .rsa(bits: 2048)
            }
        }

        var scheme: SignatureScheme {
            switch self {
            case .p256: .ecdsa(.sha256)
            case .p384: .ecdsa(.sha384)
            case .ed25519: .ed25519
            case .rsa: .rsaPSS(.sha256, saltLength: 32)
            }
        }
    }

    private func problem(_ pem: [UInt8], _ passphrase: SecretBytes?) -> String {
        do {
            _ = try PrivateKey(pem: pem, passphrase: passphrase)
            return "none"
        } catch {
            switch error {
            case .notAPrivateKey: return "not a private key"
            case .passphraseNeeded: return "passphrase needed"
            case .wrongPassphrase: return "wrong passphrase"
            case .openSSL(let error): return "\(error)"
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func `A key in clear PEM is the same key again`(_ kind: Kind) throws {
        let key = try kind.make()
        #expect(key.algorithm == kind.algorithm)
        let pem = try key.pem(passphrase: nil).revealed()
        #expect(!PrivateKey.isEncrypted(pem: pem))
        let read = try PrivateKey(pem: pem, passphrase: nil)
        #expect(try read.publicKey.subjectPublicKeyInfo() == key.publicKey.subjectPublicKeyInfo())
        let signature = try read.sign([1, 2, 3], scheme: kind.scheme)
        #expect(key.publicKey.isValid(signature: signature, for: [1, 2, 3], scheme: kind.scheme))
        #expect(!key.publicKey.isValid(signature: signature, for: [1, 2, 4], scheme: kind.scheme))
        #expect(!(try kind.make()).publicKey.isValid(signature: signature, for: [1, 2, 3], scheme: kind.scheme))
    }

    @Test(arguments: Kind.allCases)
    func `An encrypted key opens with its passphrase only`(_ kind: Kind) throws {
        let key = try kind.make()
        let pem = try key.pem(passphrase: secret("Silk Road 2025")).revealed()
        #expect(PrivateKey.isEncrypted(pem: pem))
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
        let read = try PrivateKey(pem: pem, passphrase: secret("Silk Road 2025"))
        #expect(try read.pem(passphrase: nil).revealed() == key.pem(passphrase: nil).revealed())
        #expect(problem(pem, nil) == "passphrase needed")
        for wrong in ["silk Road 2025", "Silk Road 202", "Silk Road 2025\n", " Silk Road 2025", "", "x"] {
            #expect(problem(pem, secret(wrong)) == "wrong passphrase", "'\(wrong)'")
        }
    }

    @Test(arguments: Kind.allCases)
    func `The openssl tool opens an encrypted key and writes ones that are read here`(_ kind: Kind) throws {
        let tool = OpenSSLTool()
        let key = try kind.make()
        try tool.scratch.write(try key.pem(passphrase: secret("Silk Road 2025")).revealed(), to: "key.pem")
        let right = try tool.run(["pkey", "-in", "key.pem", "-passin", "pass:Silk Road 2025"])
        #expect(right.status == 0, "\(right.standardError)")
        #expect(Array(right.standardOutput.utf8) == (try key.pem(passphrase: nil).revealed()))
        #expect(try tool.run(["pkey", "-in", "key.pem", "-passin", "pass:Silk Road"]).status != 0)
        let shown = try tool.run(["asn1parse", "-in", "key.pem"]).standardOutput
        #expect(shown.contains("scrypt") || shown.contains("1.3.6.1.4.1.11591.4.11"), "\(shown)")
        #expect(shown.contains("aes-256-cbc"))

        try tool.scratch.write(try key.pem(passphrase: nil).revealed(), to: "clear.pem")
        let again = [
            "pkcs8", "-topk8", "-in", "clear.pem", "-out", "theirs.pem", "-v2", "aes256", "-passout", "pass:p",
        ]
        #expect(try tool.run(again).status == 0)
        let theirs = try PrivateKey(pem: tool.bytes(of: "theirs.pem"), passphrase: secret("p"))
        #expect(try theirs.pem(passphrase: nil).revealed() == key.pem(passphrase: nil).revealed())
    }

    @Test func `The same key is encrypted otherwise each time`() throws {
        let key = try PrivateKey.generateP256()
        let first = try key.pem(passphrase: secret("p")).revealed()
        #expect(try key.pem(passphrase: secret("p")).revealed() != first, "a salt of its own")
    }

    /// What was encrypted has to open again: a passphrase that could not be handed back must be refused at once.
    @Test(arguments: [1, 64, 1023, 1024, 1025, 5000])
    func `A passphrase of any length opens again or is refused when it is set`(_ length: Int) throws {
        let key = try PrivateKey.generateP256()
        let passphrase = String(repeating: "x", count: length)
        guard let pem = try? key.pem(passphrase: secret(passphrase)).revealed() else {
            #expect(length > 1024)
            return
        }
        #expect(problem(pem, secret(passphrase)) == "none")
    }

    @Test func `A passphrase may have any bytes`() throws {
        let key = try PrivateKey.generateP256()
        let bytes: [UInt8] = [0xD0, 0xBA, 0x00, 0xFF, 0x0A, 0x20]
        var first = bytes
        var second = bytes
        var shorter = Array(bytes.prefix(2))
        let pem = try key.pem(passphrase: SecretBytes(consuming: &first)).revealed()
        #expect(problem(pem, SecretBytes(consuming: &second)) == "none")
        #expect(problem(pem, SecretBytes(consuming: &shorter)) == "wrong passphrase", "zero does not end it")
    }

    @Test func `An empty passphrase protects nothing and is refused or opens again`() throws {
        let key = try PrivateKey.generateP256()
        guard let pem = try? key.pem(passphrase: secret("")).revealed() else { return }
        #expect(problem(pem, secret("")) == "none")
    }

    @Test func `What is no private key is told apart`() throws {
        let tool = OpenSSLTool()
        let key = try PrivateKey.generateP256()
        let clear = try key.pem(passphrase: nil).revealed()
        let authority = try TestAuthority("An authority")
        try tool.scratch.write(clear, to: "clear.pem")
        #expect(try tool.run(["pkey", "-in", "clear.pem", "-pubout", "-out", "public.pem"]).status == 0)
        #expect(try tool.run(["pkey", "-in", "clear.pem", "-traditional", "-out", "sec1.pem"]).status == 0)
        for bytes in try [
            [], Array("nonsense".utf8), clear.dropLast(60), authority.certificate.pem(), tool.bytes(of: "public.pem"),
            tool.bytes(of: "sec1.pem"), Array("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n".utf8),
        ] {
            #expect(problem(Array(bytes), nil) == "not a private key")
        }
    }

    @Test func `A secret says nothing of itself`() throws {
        #expect("\(secret("Silk Road"))" == "(secret)")
        #expect(!String(reflecting: secret("Silk Road")).contains("Silk"))
        var bytes = Array("Silk Road".utf8)
        let taken = SecretBytes(consuming: &bytes)
        #expect(bytes == [UInt8](repeating: 0, count: 9), "wiped where it came from")
        #expect(taken.revealed() == Array("Silk Road".utf8))
    }

    @Test func `Ed25519 gives the signature of RFC 8032`() throws {
        // RFC 8032, 7.1, test 2
        let seed: [UInt8] = [
            0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a,
            0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
        ]
        let der =
            [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20] + seed
        let tool = OpenSSLTool()
        try tool.scratch.write(der, to: "key.der")
        #expect(try tool.run(["pkey", "-inform", "DER", "-in", "key.der", "-out", "key.pem"]).status == 0)
        let key = try PrivateKey(pem: tool.bytes(of: "key.pem"), passphrase: nil)
        #expect(key.publicKey.ed25519Bytes?.starts(with: [0x3d, 0x40, 0x17, 0xc3]) == true)
        let signature = try key.sign([0x72], scheme: .ed25519)
        #expect(signature.starts(with: [0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8]))
        let publicKey = try PublicKey(ed25519: key.publicKey.ed25519Bytes ?? [])
        #expect(publicKey.isValid(signature: signature, for: [0x72], scheme: .ed25519))
    }

    @Test func `A public key has one encoding`() throws {
        for kind in Kind.allCases {
            let info = try kind.make().publicKey.subjectPublicKeyInfo()
            #expect(try PublicKey(subjectPublicKeyInfo: info).algorithm == kind.algorithm)
            #expect(throws: OpenSSLError.self) { try PublicKey(subjectPublicKeyInfo: info + [0]) }
            #expect(throws: OpenSSLError.self) { try PublicKey(subjectPublicKeyInfo: info.dropLast()) }
        }
        #expect(throws: OpenSSLError.self) { try PublicKey(subjectPublicKeyInfo: []) }
        #expect(throws: OpenSSLError.self) { try PublicKey(ed25519: [1, 2, 3]) }
    }
}
