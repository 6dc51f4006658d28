import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// A real CA's certificates, made by the `openssl` program, in place of made ones.
@Suite struct ExistingKeysTests {
    /// A root, two levels below it, and signers under the lowest.
    private static let state = Result {
        let authority = ToolAuthority()
        try authority.issue("root", ToolAuthority.ca, key: ToolAuthority.rsa(2048))
        try authority.issue("policy", by: "root", ToolAuthority.ca)
        try authority.issue("issuing", by: "policy", ToolAuthority.ca)
        try authority.issue("minister", by: "issuing", ToolAuthority.signer)
        try authority.issue("deputy", by: "root", ToolAuthority.signer, key: ToolAuthority.rsa(3072))
        try authority.bundle(["minister", "issuing", "policy"], as: "minister-chain.pem")
        try authority.bundle(["root", "policy", "issuing"], as: "whole.pem")
        try authority.bundle(["root", "root"], as: "root-twice.pem")
        try authority.bundle(["minister", "issuing"], as: "partly.pem")
        try authority.bundle(["minister", "issuing", "policy", "root"], as: "minister-to-root.pem")
        for name in ["root", "minister"] {
            try authority.scratch.write(authority.certificate(name).derBytes, to: "\(name).der")
        }
        return authority
    }

    private static let now: Int64 = 1_795_000_000
    private static let kz = PartyID("KZ")!

    private func existing(
        _ authority: ToolAuthority, authorities: [String] = ["root.pem"], signers: [String], witness: String? = nil,
        now: Int64 = ExistingKeysTests.clock
    ) throws -> ExistingKeys {
        try ExistingKeys(
            party: Self.kz, authorityFiles: authorities.map(authority.file), signerFiles: signers.map(authority.file),
            witnessFile: witness.map(authority.file), now: now)
    }

    /// The tool's certificates are valid from its own now on.
    private static let clock: Int64 = (try? state.get().certificate("deputy").notBefore).map { $0 + 3600 } ?? 0

    private func refusal(
        _ authority: ToolAuthority, authorities: [String] = ["root.pem"], signers: [String], witness: String? = nil,
        now: Int64 = ExistingKeysTests.clock
    ) -> String? {
        do {
            _ = try existing(authority, authorities: authorities, signers: signers, witness: witness, now: now)
            return nil
        } catch let error as RegistryError {
            #expect(!error.hint.isEmpty)
            return error.message.replacing(authority.scratch.path + "/", with: "")
        } catch {
            return "\(error)"
        }
    }

    private func names(_ certificates: [Certificate]) -> [String] {
        certificates.map { String($0.subject.dropFirst(3).prefix { $0 != "," }) }
    }

    // MARK: Taken over

    @Test(arguments: [
        (["root.pem"], ["minister-chain.pem"]), (["whole.pem"], ["minister.pem"]),
        (["root.pem", "policy.pem"], ["partly.pem"]), (["root.der"], ["minister-to-root.pem"]),
        (["whole.pem"], ["minister.der"]), (["root-twice.pem"], ["minister-chain.pem"]),
    ])
    func `Intermediates are kept after their signer wherever they came from`(
        _ authorities: [String], _ signers: [String]
    ) throws {
        let authority = try Self.state.get()
        let brought = try existing(authority, authorities: authorities, signers: signers)
        #expect(brought.warnings.isEmpty)
        let scratch = ScratchFolder()
        let keys = KeysFolder(path: scratch.file("keys"))
        let (files, elsewhere) = try brought.write(
            to: keys, signerKeys: [], witnessName: "kz/witness", passphrase: nil)
        #expect(
            files == ["KZ/authority.pem", "KZ/signer-1.pem", "KZ/witness.vkey", "private/KZ-witness.pem"])
        #expect(elsewhere == [1])
        #expect(names(try keys.authorities(Self.kz)) == ["root"])
        #expect(names(try keys.signers(Self.kz)) == ["minister"])
        #expect(names(try keys.intermediates(Self.kz)) == ["issuing", "policy"])
    }

    /// Key usage decides, whatever tools of states write beside it.
    @Test(arguments: [
        [
            "keyUsage=critical,digitalSignature,nonRepudiation",
            "extendedKeyUsage=1.2.398.3.3.4.1.1,1.2.398.3.3.4.1.2.1",
        ],
        ["keyUsage=nonRepudiation", "extendedKeyUsage=critical,timeStamping"],
        ["keyUsage=digitalSignature", "extendedKeyUsage=clientAuth,serverAuth"],
        ["keyUsage=digitalSignature,keyEncipherment"], ["extendedKeyUsage=1.2.860.3.2.2"],
        ["basicConstraints=CA:FALSE"],
    ])
    func `Foreign extended key usages are allowed`(_ extensions: [String]) throws {
        let authority = ToolAuthority()
        try authority.issue("root", ToolAuthority.ca)
        try authority.issue("sub", by: "root", ToolAuthority.ca + ["extendedKeyUsage=serverAuth"])
        try authority.issue("signer", by: "sub", extensions)
        try authority.bundle(["signer", "sub"], as: "chain.pem")
        #expect(refusal(authority, signers: ["chain.pem"]) == nil)
    }

    @Test func `Weak keys are warned about and too weak ones refused`() throws {
        let authority = ToolAuthority()
        try authority.issue("root", ToolAuthority.ca)
        try authority.issue("two", by: "root", ToolAuthority.signer, key: ToolAuthority.rsa(2048))
        try authority.issue("one", by: "root", ToolAuthority.signer, key: ToolAuthority.rsa(1024))
        let two = try existing(authority, signers: ["two.pem"])
        #expect(two.warnings.count == 1)
        #expect(two.warnings.first?.contains("has an RSA key of 2048 bits") == true)
        #expect(
            refusal(authority, signers: ["one.pem"]) == "one.pem: the key of CN=one,O=A state is too weak: RSA-1024")
        try authority.issue("weak", by: "root", ToolAuthority.ca, key: ToolAuthority.rsa(1024))
        try authority.issue("below", by: "weak", ToolAuthority.signer)
        #expect(
            refusal(authority, authorities: ["root.pem", "weak.pem"], signers: ["below.pem"])
                == "below.pem: the key of CN=weak,O=A state is too weak: RSA-1024")
    }

    // MARK: Refused

    @Test func `A signer without its chain is refused`() throws {
        let authority = try Self.state.get()
        #expect(
            refusal(authority, signers: ["minister.pem"])
                == "minister.pem: CN=minister,O=A state does not chain to the party's authority: unable to get local issuer certificate"
        )
        try authority.bundle(["minister", "policy"], as: "gap.pem")
        #expect(refusal(authority, signers: ["gap.pem"])?.contains("does not chain") == true)
        try authority.issue("other", ToolAuthority.ca)
        #expect(
            refusal(authority, authorities: ["other.pem"], signers: ["minister-chain.pem"])?.contains("does not chain")
                == true)
    }

    @Test func `A broken path length is refused`() throws {
        let authority = ToolAuthority()
        let short = ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign"]
        try authority.issue("root", ToolAuthority.ca)
        try authority.issue("policy", by: "root", short)
        try authority.issue("issuing", by: "policy", ToolAuthority.ca)
        try authority.issue("signer", by: "issuing", ToolAuthority.signer)
        try authority.issue("right", by: "policy", ToolAuthority.signer)
        try authority.bundle(["signer", "issuing", "policy"], as: "chain.pem")
        try authority.bundle(["right", "policy"], as: "right-chain.pem")
        #expect(refusal(authority, signers: ["right-chain.pem"]) == nil)
        #expect(
            refusal(authority, signers: ["chain.pem"])
                == "chain.pem: CN=signer,O=A state does not chain to the party's authority: path length constraint exceeded"
        )
    }

    @Test func `A CA does not sign and a signer is no CA`() throws {
        let authority = try Self.state.get()
        try authority.bundle(["issuing", "policy"], as: "ca-chain.pem")
        #expect(
            refusal(authority, signers: ["ca-chain.pem"])
                == "ca-chain.pem: CN=issuing,O=A state is a CA, not a signer")
        #expect(refusal(authority, signers: ["root.pem"])?.contains("is a CA, not a signer") == true)
        #expect(
            refusal(authority, authorities: ["deputy.pem"], signers: ["deputy.pem"])
                == "deputy.pem: CN=deputy,O=A state is not a CA")
        #expect(
            refusal(authority, authorities: ["policy.pem", "issuing.pem"], signers: ["minister.pem"])
                == "policy.pem, issuing.pem: no certificate is self-signed")
        // Made by a signer.
        try authority.issue("child", by: "deputy", ToolAuthority.signer)
        try authority.bundle(["child", "deputy"], as: "child-chain.pem")
        #expect(refusal(authority, signers: ["child-chain.pem"])?.contains("does not chain") == true)
    }

    @Test func `A key usage without signatures is refused`() throws {
        let authority = ToolAuthority()
        try authority.issue("root", ToolAuthority.ca)
        try authority.issue("reader", by: "root", ["keyUsage=keyEncipherment,keyAgreement"])
        #expect(
            refusal(authority, signers: ["reader.pem"])
                == "reader.pem: CN=reader,O=A state may not sign: its key usage has neither digitalSignature nor nonRepudiation"
        )
    }

    @Test func `Keys that sign no entries are refused`() throws {
        let authority = ToolAuthority()
        try authority.issue("root", ToolAuthority.ca)
        try authority.issue("ed", by: "root", ToolAuthority.signer, key: ["-algorithm", "ED25519"])
        let p521 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]
        try authority.issue("p521", by: "root", ToolAuthority.signer, key: p521)
        #expect(
            refusal(authority, signers: ["ed.pem"])
                == "ed.pem: CN=ed,O=A state has a Ed25519 key, which signs no entries")
        #expect(
            refusal(authority, signers: ["p521.pem"])
                == "p521.pem: CN=p521,O=A state has a EC secp521r1 key, which signs no entries")
    }

    @Test func `Certificates of another time are refused`() throws {
        let authority = try Self.state.get()
        let year: Int64 = 365 * 86400
        #expect(
            refusal(authority, signers: ["deputy.pem"], now: Self.clock + 2 * year)?.contains("has expired at") == true)
        #expect(
            refusal(authority, signers: ["deputy.pem"], now: Self.clock - year)?.contains("is not valid before") == true
        )
        // An intermediate that ends before its signer does.
        try authority.issue("brief", by: "root", ToolAuthority.ca, days: 10)
        try authority.issue("long", by: "brief", ToolAuthority.signer)
        try authority.bundle(["long", "brief"], as: "long-chain.pem")
        #expect(refusal(authority, signers: ["long-chain.pem"]) == nil)
        #expect(
            refusal(authority, signers: ["long-chain.pem"], now: Self.clock + 20 * 86400)?
                .contains("CN=brief,O=A state has expired at") == true)
    }

    @Test func `Files with secrets or with nothing in them are refused`() throws {
        let authority = try Self.state.get()
        let pem = try authority.certificate("deputy").pem()
        let key = try CommandRun.run("/bin/cat", ["deputy.key"], folder: authority.scratch.path).standardOutput
        try authority.scratch.write(pem + Array(key.utf8), to: "both.pem")
        #expect(refusal(authority, signers: ["both.pem"]) == "both.pem has a private key in it")
        #expect(refusal(authority, signers: ["deputy.key"]) == "deputy.key has a private key in it")
        #expect(refusal(authority, authorities: ["both.pem"], signers: ["deputy.pem"])?.contains("private key") == true)
        try authority.scratch.write("no certificate\n", to: "noise.pem")
        #expect(refusal(authority, signers: ["noise.pem"])?.hasPrefix("noise.pem is not certificates in PEM") == true)
        try authority.scratch.write([0x30, 0x82, 0x01], to: "noise.der")
        #expect(refusal(authority, signers: ["noise.der"])?.hasPrefix("noise.der is not certificates in PEM") == true)
        try authority.scratch.write(pem.dropLast(40), to: "cut.pem")
        #expect(refusal(authority, signers: ["cut.pem"]) != nil)
        #expect(refusal(authority, signers: ["absent.pem"])?.contains("absent.pem") == true)
        #expect(refusal(authority, signers: ["deputy.pem", "deputy.pem"]) == "deputy.pem is there twice")
    }

    // MARK: Keys and witness

    @Test func `A key goes to the signer that it belongs to`() throws {
        let authority = try Self.state.get()
        let brought = try existing(authority, signers: ["minister-chain.pem", "deputy.pem"])
        func key(_ name: String) throws -> (path: String, key: PrivateKey) {
            let text = try CommandRun.run("/bin/cat", ["\(name).key"], folder: authority.scratch.path).standardOutput
            return (name, try PrivateKey(pem: Array(text.utf8), passphrase: nil))
        }
        let scratch = ScratchFolder()
        let keys = KeysFolder(path: scratch.file("keys"))
        #expect(throws: RegistryError.self) {
            _ = try brought.write(
                to: keys, signerKeys: [key("deputy"), key("root")], witnessName: "kz/witness", passphrase: nil)
        }
        #expect(keys.parties() == [], "nothing was written")
        let (files, elsewhere) = try brought.write(
            to: keys, signerKeys: [key("deputy")], witnessName: "kz/witness", passphrase: nil)
        #expect(files.contains("private/KZ-signer-2.pem") && !files.contains("private/KZ-signer-1.pem"))
        #expect(elsewhere == [1])
        let vault = KeyVault(keys) { _ in throw RegistryError(.usage, "not encrypted", hint: "none") }
        let listed = Set(try keys.signers(Self.kz).map { ContentDigest($0.fingerprint) })
        let signer = try vault.signer(for: Self.kz, listed: listed)
        #expect(names([signer.certificate]) == ["deputy"])
    }

    @Test func `A witness that runs elsewhere is brought by its verifier key`() throws {
        let authority = try Self.state.get()
        let scratch = ScratchFolder()
        let made = KeysFolder(path: scratch.file("made"))
        _ = try existing(authority, signers: ["deputy.pem"]).write(
            to: made, signerKeys: [], witnessName: "kz/witness", passphrase: nil)
        let key = try #require(try made.witnessKey(Self.kz))
        try authority.scratch.write(key + "\n", to: "kz.vkey")
        let brought = try existing(authority, signers: ["deputy.pem"], witness: "kz.vkey")
        #expect(!brought.makesWitness)
        let keys = KeysFolder(path: scratch.file("keys"))
        let (files, _) = try brought.write(to: keys, signerKeys: [], witnessName: "", passphrase: nil)
        #expect(files == ["KZ/authority.pem", "KZ/signer-1.pem", "KZ/witness.vkey"])
        #expect(try keys.witnessKey(Self.kz) == key)
        // A log's key, C2SP signed-note's example.
        try authority.scratch.write(
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n", to: "log.vkey")
        for (name, text) in [("log.vkey", nil), ("bad.vkey", "kz/witness+00000000+AAAA"), ("empty.vkey", "")]
            as [(String, String?)]
        {
            if let text { try authority.scratch.write(text, to: name) }
            #expect(
                refusal(authority, signers: ["deputy.pem"], witness: name)
                    == "\(name) is not the verifier key of a witness")
        }
    }

    // MARK: Cut short

    @Test func `Keys that are there are not overwritten`() throws {
        let scratch = ScratchFolder()
        let keys = KeysFolder(path: scratch.file("keys"))
        let made = PartyKeys(
            party: Self.kz, organisation: "KZ", witnessName: "kz/witness", isDemonstration: false, years: 1,
            now: Self.now)
        let files = try made.write(to: keys, passphrase: nil)
        let bytes = try files.map {
            try CommandRun.run("/bin/cat", ["keys/\($0)"], folder: scratch.path).standardOutput
        }
        func message() -> (String, String)? {
            do {
                _ = try made.write(to: keys, passphrase: nil)
                return nil
            } catch let error as RegistryError {
                return (error.message, error.hint)
            } catch { return ("\(error)", "") }
        }
        #expect(message()?.0.hasSuffix("keys/KZ/authority.pem is there already") == true)
        // Any one of them is enough.
        for name in files.dropFirst() {
            let lone = KeysFolder(path: scratch.file("lone-\(name.replacing("/", with: "-"))"))
            try lone.files.create(name, with: [0x0A])
            #expect(throws: RegistryError.self) { try made.write(to: lone, passphrase: nil) }
            #expect(lone.parties() == [])
        }
        // As a run that was cut short leaves it: the authority's certificate comes last.
        keys.files.remove("KZ/authority.pem")
        #expect(keys.parties() == [])
        let (fault, hint) = try #require(message())
        #expect(fault.hasSuffix("KZ/authority.pem is not: an earlier run may have been cut short"))
        let named = try #require(hint.split(separator: "again: ").last).split(separator: ", ").map(String.init)
        #expect(Set(named).isSuperset(of: files.dropFirst().map(keys.fullPath)))
        let after = try files.dropFirst().map {
            try CommandRun.run("/bin/cat", ["keys/\($0)"], folder: scratch.path).standardOutput
        }
        #expect(after == Array(bytes.dropFirst()))
        // What the hint says clears the way.
        for path in named { keys.files.remove(String(path.dropFirst(keys.path.count + 1))) }
        #expect(try made.write(to: keys, passphrase: nil) == files)
    }
}
