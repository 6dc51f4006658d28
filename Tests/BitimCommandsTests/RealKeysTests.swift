import Foundation
import Support
import Testing

/// Registries of parties whose keys are not all made alike, through the program as a user runs it.
@Suite struct RealKeysTests {
    private let scratch = ScratchFolder()

    private func bitim(_ arguments: [String]) throws -> CommandRun {
        try CommandRun.bitim(arguments, folder: scratch.path)
    }

    private func succeed(_ arguments: [String]) throws -> String {
        let run = try bitim(arguments)
        try #require(run.status == 0, "\(arguments): \(run.standardError)")
        return run.standardOutput
    }

    private func established(_ parties: String) throws {
        _ = try succeed([
            "init", "--origin", "real.example/\(parties.lowercased().replacing(",", with: "-"))", "--parties", parties,
            "--unencrypted-log", "--yes", "-q",
        ])
        try scratch.write("a treaty\n", to: "treaty.txt")
        _ = try succeed([
            "add", "treaty.txt", "--id", "T-1", "--title", "en=Treaty", "--kind", "treaty", "--sign", parties, "--yes",
            "-q",
        ])
        #expect(try succeed(["audit", "-q"]) == "passed\n")
        let verdict = try succeed(["verify", "treaty.txt"])
        #expect(verdict.contains("passed"))
    }

    /// As `bitim show` tells it: nothing but the export and the parties' authorities.
    private func verifyWithOpenSSL(_ more: [String] = []) throws -> CommandRun {
        _ = try succeed(["export", "T-1", "--format", "cms", "-o", "entry.cms"])
        let anchors = try CommandRun.run(
            "/bin/sh", ["-c", "cat keys/*/authority.pem > both.pem"], folder: scratch.path)
        #expect(anchors.status == 0)
        return try CommandRun.run(
            "/usr/bin/openssl",
            [
                "cms", "-verify", "-inform", "DER", "-purpose", "any", "-cades", "-CAfile", "both.pem", "-in",
                "entry.cms", "-out", "statement.json",
            ] + more, folder: scratch.path)
    }

    @Test func `Parties with keys of different kinds sign one entry`() throws {
        let kinds = ["AA": "p256", "BB": "p384", "CC": "rsa3072", "DD": "rsa-pss"]
        for (party, kind) in kinds { _ = try succeed(["keys", "new", party, "--algorithm", kind, "--unencrypted"]) }
        let rows = try succeed(["keys", "list"]).split(separator: "\n").map { $0.split(separator: "\t") }
        let algorithms = Set(rows.filter { $0[1] != "witness" }.map { "\($0[0]) \($0[2])" })
        #expect(algorithms == ["AA P-256", "BB P-384", "CC RSA-3072", "DD RSA-PSS-3072"])
        #expect(Set(rows.filter { $0[1] == "witness" }.map { $0[2] }) == ["Ed25519"])
        try established("AA,BB,CC,DD")
        let run = try verifyWithOpenSSL()
        #expect(run.status == 0, "\(run.standardError)")
        let shown = try CommandRun.run(
            "/usr/bin/openssl", ["cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "entry.cms"],
            folder: scratch.path
        ).standardOutput
        for algorithm in ["ecdsa-with-SHA256", "ecdsa-with-SHA384", "rsassaPss", "rsaEncryption"] {
            #expect(shown.contains("signatureAlgorithm: \n          algorithm: \(algorithm)"), "\(algorithm)")
        }
        // The certificates are signed as their keys ask for.
        for (party, algorithm) in ["BB": "ecdsa-with-SHA384", "CC": "sha256WithRSAEncryption", "DD": "rsassaPss"] {
            let text = try CommandRun.run(
                "/usr/bin/openssl", ["x509", "-in", "keys/\(party)/signer-1.pem", "-noout", "-text"],
                folder: scratch.path
            ).standardOutput
            #expect(text.contains("Signature Algorithm: \(algorithm)"))
        }
    }

    /// A state's CA of three levels, whose signers have that state's own extended key usages.
    private func stateAuthority() throws -> ToolAuthority {
        let authority = ToolAuthority(in: scratch)
        let foreign = ["extendedKeyUsage=1.2.398.3.3.4.1.1,1.2.398.3.3.4.1.2.1"]
        try authority.issue("root", ToolAuthority.ca, key: ToolAuthority.rsa(3072))
        try authority.issue("policy", by: "root", ToolAuthority.ca, key: ToolAuthority.rsa(3072))
        try authority.issue("issuing", by: "policy", ToolAuthority.ca, key: ToolAuthority.rsa(2048))
        for name in ["minister", "deputy"] {
            try authority.issue(name, by: "issuing", ToolAuthority.signer + foreign, key: ToolAuthority.rsa(3072))
            try authority.bundle([name, "issuing", "policy"], as: "\(name)-chain.pem")
        }
        return authority
    }

    @Test func `A state's own CA and a made one establish a registry together`() throws {
        _ = try stateAuthority()
        let made = try bitim([
            "keys", "new", "KZ", "--authority", "root.pem", "--signer", "minister-chain.pem", "--signer",
            "deputy-chain.pem", "--signer-key", "deputy.key", "--unencrypted",
        ])
        #expect(made.status == 0)
        #expect(
            made.standardOutput == """
                keys/KZ/authority.pem
                keys/KZ/signer-1.pem
                keys/KZ/signer-2.pem
                keys/KZ/witness.vkey
                keys/private/KZ-signer-2.pem
                keys/private/KZ-witness.pem

                """)
        #expect(made.standardError.contains("note: the private key of signer 1 is not here: it signs elsewhere"))
        _ = try succeed(["keys", "new", "UZ", "--algorithm", "p384", "--unencrypted"])
        try established("KZ,UZ")
        let held = try FileManager.default.contentsOfDirectory(atPath: scratch.file("registry/certificates"))
        #expect(held.count == 5 + 3, "root, two between, two signers; a root and its two signers")
        let run = try verifyWithOpenSSL()
        #expect(run.status == 0, "\(run.standardError)")
        // The intermediates come with the entry, not from elsewhere.
        let inside = try CommandRun.run(
            "/usr/bin/openssl", ["pkcs7", "-inform", "DER", "-in", "entry.cms", "-print_certs", "-noout"],
            folder: scratch.path
        ).standardOutput
        for name in ["deputy", "issuing", "policy"] { #expect(inside.contains("subject=O = A state, CN = \(name)\n")) }
        #expect(!inside.contains("subject=O = A state, CN = root\n"), "whoever verifies brings it")
    }

    @Test func `A certificate that no chain needs is not taken into the registry`() throws {
        let authority = try stateAuthority()
        try authority.issue("stranger", ToolAuthority.ca)
        _ = try succeed([
            "keys", "new", "KZ", "--authority", "root.pem", "--signer", "deputy-chain.pem", "--signer-key",
            "deputy.key", "--unencrypted", "-q",
        ])
        // Added by hand.
        try authority.bundle(["deputy", "issuing", "policy", "stranger"], as: "keys/KZ/signer-1.pem")
        _ = try succeed(["keys", "new", "UZ", "--unencrypted", "-q"])
        try established("KZ,UZ")
    }

    @Test(arguments: [("p384", "P-384"), ("rsa-pss", "RSA-PSS-3072")])
    func `A new key is of the old one's kind`(_ argument: String, _ algorithm: String) throws {
        _ = try succeed(["keys", "new", "KZ", "--algorithm", argument, "--unencrypted", "-q"])
        _ = try succeed(["keys", "new", "UZ", "--unencrypted", "-q"])
        try established("KZ,UZ")
        _ = try succeed(["keys", "rotate", "KZ", "signer", "--sign", "KZ,UZ", "--unencrypted", "--yes", "-q"])
        let rows = try succeed(["keys", "list"]).split(separator: "\n").map { $0.split(separator: "\t") }
        let made = try #require(rows.first { $0[0] == "KZ" && $0[1].hasPrefix("signer 3") }, "\(rows)")
        #expect(made[2] == algorithm)
        #expect(try succeed(["audit", "-q"]) == "passed\n")
    }

    @Test func `What show prints for openssl works after the signer's authority was revoked`() throws {
        for party in ["KZ", "UZ"] { _ = try succeed(["keys", "new", party, "--unencrypted", "-q"]) }
        try established("KZ,UZ")
        let authority = ToolAuthority(in: scratch)
        try authority.issue("next", ToolAuthority.ca)
        try authority.issue("successor", by: "next", ToolAuthority.signer)
        let old = try authority.openssl([
            "x509", "-in", "keys/KZ/authority.pem", "-noout", "-fingerprint", "-sha256",
        ]).standardOutput.trimmingCharacters(in: .newlines).split(separator: "=")[1]
        .replacing(":", with: "").lowercased()
        let signed = ["--sign", "KZ,UZ", "--yes", "-q"]
        _ = try succeed(["keys", "enrol", "KZ", "--authority", "next.pem", "--signer", "successor.pem"] + signed)
        #expect(try succeed(["show", "T-1"]).contains("cat keys/*/authority.pem > both.pem\n"))
        _ = try succeed(["keys", "revoke", "KZ", "sha256:\(old)"] + signed)

        let shown = try succeed(["show", "T-1"]).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        let start = try #require(shown.firstIndex(of: "with openssl:"))
        let commands = shown[(start + 2)...].prefix(2)
        #expect(commands.first == "cat keys/*/authority.pem keys/KZ/revoked.pem > both.pem")
        _ = try succeed(["export", "--entry", "1", "--format", "cms", "-o", "entry-1.cms"])
        let run = try CommandRun.run("/bin/sh", ["-c", commands.joined(separator: " && ")], folder: scratch.path)
        #expect(run.status == 0, "\(run.standardError)")
        #expect(run.standardError.contains("CAdES Verification successful"), "\(run.standardError)")
    }

    @Test func `A draft of keys that is added again brings back the certificates that the registry has lost`() throws {
        for party in ["KZ", "UZ"] { _ = try succeed(["keys", "new", party, "--unencrypted", "-q"]) }
        try established("KZ,UZ")
        _ = try succeed(["keys", "rotate", "KZ", "signer", "--unencrypted", "--draft", "keys.draft", "--yes", "-q"])
        for party in ["KZ", "UZ"] { _ = try succeed(["sign", "keys.draft", "--party", party, "--yes", "-q"]) }
        let folder = scratch.file("registry/certificates")
        let before = Set(try FileManager.default.contentsOfDirectory(atPath: folder))
        _ = try succeed(["add", "keys.draft", "-q"])
        let new = Set(try FileManager.default.contentsOfDirectory(atPath: folder)).subtracting(before)
        #expect(new.count == 1)
        for name in new { try FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
        #expect(try bitim(["audit", "-q"]).status == 3)
        _ = try succeed(["add", "keys.draft", "-q"])
        #expect(try succeed(["audit", "-q"]) == "passed\n")
    }

    @Test func `One key under two parties is refused`() throws {
        let authority = ToolAuthority(in: scratch)
        for root in ["one", "two"] { try authority.issue(root, ToolAuthority.ca) }
        try authority.issue("signer", by: "one", ToolAuthority.signer)
        // The same key, certified by the other as well.
        let twin = try CommandRun.run(
            "/usr/bin/openssl",
            [
                "x509", "-req", "-in", "signer.csr", "-CA", "two.pem", "-CAkey", "two.key", "-CAcreateserial", "-days",
                "300", "-extfile", "signer.extensions", "-out", "twin.pem",
            ], folder: scratch.path)
        #expect(twin.status == 0)
        for (party, root, signer) in [("KZ", "one", "signer"), ("UZ", "two", "twin")] {
            _ = try succeed([
                "keys", "new", party, "--authority", "\(root).pem", "--signer", "\(signer).pem", "--signer-key",
                "signer.key", "--unencrypted", "-q",
            ])
        }
        let run = try bitim(["init", "--origin", "real.example/twins", "--unencrypted-log", "--yes", "-q"])
        #expect(run.status == 64)
        #expect(run.standardError.contains("already listed under KZ"), "\(run.standardError)")
        #expect(!FileManager.default.fileExists(atPath: scratch.file("registry/ledger")))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("keys/identity")))
    }

    // MARK: Passphrases of brought keys

    private func encrypted(_ name: String, _ passphrase: String) throws {
        let run = try CommandRun.run(
            "/usr/bin/openssl",
            [
                "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", "\(name).key", "-out", "\(name).p8", "-passout",
                "pass:\(passphrase)",
            ], folder: scratch.path)
        #expect(run.status == 0)
        try CommandRun.restrict(scratch.file("\(name).p8"))
    }

    @Test func `A brought key is kept under the party's passphrase`() throws {
        let authority = ToolAuthority(in: scratch)
        try authority.issue("root", ToolAuthority.ca)
        try authority.issue("signer", by: "root", ToolAuthority.signer)
        try encrypted("signer", "old secret")
        for (name, text) in [("new.pass", "new secret\n"), ("old.pass", "old secret\n"), ("bad.pass", "bad\n")] {
            try scratch.write(text, to: name)
            try CommandRun.restrict(scratch.file(name))
        }
        let brought = ["--authority", "root.pem", "--signer", "signer.pem", "--signer-key", "signer.p8"]
        func new(_ party: String, _ passphrases: [String]) throws -> CommandRun {
            try bitim(["keys", "new", party] + brought + passphrases)
        }
        // Neither the party's passphrase nor a wrong one opens it.
        let unasked = try new("KZ", ["--passphrase-file", "new.pass"])
        #expect(unasked.status == 64)
        #expect(
            unasked.standardError == """
                bitim: error: signer.p8 needs a passphrase, and there is no terminal to ask at
                bitim: hint: use --passphrase-file signer-key=FILE or --passphrase-fd signer-key=N

                """)
        let wrong = try new("KZ", ["--passphrase-file", "new.pass", "--passphrase-file", "signer-key=bad.pass"])
        #expect(wrong.status == 1)
        #expect(wrong.standardError.contains("the passphrase does not open signer.p8"))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("keys")))

        let right = try new("KZ", ["--passphrase-file", "new.pass", "--passphrase-file", "signer-key=old.pass"])
        #expect(right.status == 0, "\(right.standardError)")
        #expect(right.standardError == "")
        #expect(try new("UZ", ["--passphrase-file", "old.pass"]).status == 0, "the same for both")
        #expect(try new("TJ", ["--unencrypted", "--passphrase-file", "signer-key=old.pass"]).status == 0)
        for (party, passphrase) in [("KZ", "new secret"), ("UZ", "old secret"), ("TJ", "none")] {
            let opened = try CommandRun.run(
                "/usr/bin/openssl",
                ["pkey", "-in", "keys/private/\(party)-signer-1.pem", "-passin", "pass:\(passphrase)", "-pubout"],
                folder: scratch.path)
            let expected = try CommandRun.run(
                "/usr/bin/openssl", ["pkey", "-in", "signer.key", "-pubout"], folder: scratch.path)
            #expect(opened.status == 0)
            #expect(opened.standardOutput == expected.standardOutput)
        }
    }

    @Test func `Secrets that others can read are warned about once`() throws {
        let authority = ToolAuthority(in: scratch)
        try authority.issue("root", ToolAuthority.ca)
        try authority.issue("signer", by: "root", ToolAuthority.signer)
        try scratch.write("secret\n", to: "pass")
        let new = ["--authority", "root.pem", "--signer", "signer.pem", "--signer-key", "signer.key"]
        func warnings(_ party: String, _ mode: String) throws -> [String] {
            _ = try CommandRun.run("/bin/chmod", [mode, "pass", "signer.key"], folder: scratch.path)
            let run = try bitim(["keys", "new", party, "--passphrase-file", "pass"] + new)
            #expect(run.status == 0, "\(run.standardError)")
            return run.standardError.split(separator: "\n").filter { $0.contains("warning") }.map(String.init)
        }
        #expect(
            try warnings("KZ", "644") == [
                "bitim: warning: the passphrase file pass can be read by others",
                "bitim: warning: signer.key can be read by others",
            ])
        #expect(try warnings("UZ", "640").count == 2)
        #expect(try warnings("TJ", "600") == [])
    }
}
