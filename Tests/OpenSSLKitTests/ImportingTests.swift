import OpenSSLKit
import Registry
import Support
import Testing

/// Signatures that `openssl cms` has made, taken over into an entry.
@Suite struct ImportingTests {
    static let content = Array("{\"agreement\":\"KZ-UZ-2025-06\",\"version\":1}".utf8)

    /// Another party's signature, made here.
    static let ours = Result {
        let authority = try TestAuthority("Ours")
        return (authority: authority, signer: try authority.signer("Our signer"))
    }

    /// Assembles with our own signature, and has the profile, the fast path and the tool judge the whole.
    private func expectAccepted(_ imported: SignedData, _ signers: [ForeignSigner]) throws {
        let ours = try Self.ours.get()
        let leaf = try SignedData.assemble([imported, ours.signer.signed(Self.content)])
        let entry = Entry(leaf: leaf)
        #expect(entry.deviations == [])
        #expect(entry.signedData?.content == Self.content)
        let certificates = signers.map(\.certificate) + [ours.signer.certificate]
        var store = CertificateStore()
        for certificate in certificates { store.insert(certificate) }
        let outcomes = SignatureCheck.outcomes(of: entry, certificates: store)
        #expect(outcomes.count == certificates.count)
        for outcome in outcomes {
            guard case .valid = outcome else {
                Issue.record("\(outcome)")
                continue
            }
        }
        for signer in entry.signedData?.signerInfos ?? [] {
            let certificate = certificates.first { signer.signedAttributes?.signingCertificate?.matches($0) == true }
            #expect(try SignatureCheck.algorithmFault(signer.scheme, key: #require(certificate).publicKey) == nil)
        }
        let tool = OpenSSLTool()
        let anchors = signers.map(\.authority.certificate) + [ours.authority.certificate]
        try tool.scratch.write(SignedData.embed(certificates, in: leaf), to: "entry.p7s")
        try tool.scratch.write(anchors.flatMap { try $0.pem() }, to: "both.pem")
        let run = try tool.run([
            "cms", "-verify", "-inform", "DER", "-in", "entry.p7s", "-purpose", "any", "-cades", "-attime",
            String(TestAuthority.time), "-CAfile", "both.pem", "-binary", "-out", "content",
        ])
        #expect(run.status == 0, "\(run.standardError)")
        #expect(try tool.bytes(of: "content") == Self.content)
    }

    @Test(arguments: ForeignSigner.all, ForeignSigner.Form.allCases)
    func `A signature of the openssl tool is taken over in every form`(
        _ signer: ForeignSigner, _ form: ForeignSigner.Form
    ) throws {
        for certificates in [false, true] {
            for encoding in ["DER", "PEM"] {
                let signed = try signer.sign(
                    Self.content, form: form, certificates: certificates, encoding: encoding)
                let imported = try SignedData.imported(signed, content: Self.content)
                #expect(
                    imported.certificates.map(\.fingerprint) == (certificates ? [signer.certificate.fingerprint] : []))
                #expect(imported.signedData.signerInfos.count == 1)
                #expect(!imported.signedData.hasCertificates)
                #expect(imported.signedData.content == Self.content)
                if encoding == "DER" {
                    let kept = imported.signedData.signerInfos[0].derBytes
                    #expect(signed.firstRange(of: kept) != nil, "signatures stay byte for byte")
                }
                try expectAccepted(imported.signedData, [signer])
            }
        }
    }

    @Test func `Streamed signatures are BER and others DER`() throws {
        let signer = ForeignSigner.all[0]
        for form in ForeignSigner.Form.allCases {
            let signed = try signer.sign(Self.content, form: form)
            #expect((signed[1] == 0x80) == (form == .stream))
            #expect(((try? SignedData(derBytes: signed)) == nil) == (form == .stream))
        }
    }

    @Test func `Bare Base64 is read with and without line ends`() throws {
        let signed = try ForeignSigner.all[0].sign(Self.content, form: .detached, certificates: true)
        let tool = OpenSSLTool()
        try tool.scratch.write(signed, to: "signed")
        let reference = try SignedData.imported(signed, content: Self.content).signedData
        for options in [[], ["-A"]] {
            #expect(try tool.run(["base64", "-in", "signed", "-out", "text"] + options).status == 0)
            let text = try tool.bytes(of: "text")
            for variant in [
                text, Array("\r\n ".utf8) + text + [0x0A], text.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] },
            ] {
                let imported = try SignedData.imported(variant, content: Self.content).signedData
                #expect(imported.signerInfos.map(\.derBytes) == reference.signerInfos.map(\.derBytes))
            }
        }
    }

    @Test func `PEM labelled PKCS7 and PEM behind certificates are read`() throws {
        let signer = ForeignSigner.all[0]
        let pem = try signer.sign(Self.content, encoding: "PEM")
        let text = String(decoding: pem, as: UTF8.self)
        let older = text.replacing(" CMS-----", with: " PKCS7-----")
        #expect(older != text)
        for variant in [Array(older.utf8), try signer.certificate.pem() + pem, Array("A note.\n".utf8) + pem] {
            try expectAccepted(SignedData.imported(variant, content: Self.content).signedData, [signer])
        }
    }

    /// Two signers with one digest: `-resign` copies the message-digest. OpenSSL 3.0 cannot re-sign with PSS.
    @Test(arguments: [[0, 2], [6, 3], [8, 0], [1, 4]])
    func `Signatures of -sign with -resign are taken over together`(_ pair: [Int]) throws {
        let (first, second) = (ForeignSigner.all[pair[0]], ForeignSigner.all[pair[1]])
        for form in [ForeignSigner.Form.attached, .detached] {
            let both = try second.resign(first.sign(Self.content, form: form))
            let imported = try SignedData.imported(both, content: Self.content).signedData
            #expect(imported.signerInfos.count == 2)
            #expect(imported.setsAreInDEROrder)
            try expectAccepted(imported, [first, second])
        }
    }

    @Test func `Parties of all algorithms sign one entry together`() throws {
        let parts = try ForeignSigner.all.map { signer in
            try SignedData.imported(signer.sign(Self.content, form: .detached), content: Self.content).signedData
        }
        let all = try SignedData(derBytes: SignedData.assemble(parts))
        #expect(all.signerInfos.count == ForeignSigner.all.count)
        #expect(all.digestAlgorithmsDER.count == 3)
        try expectAccepted(all, ForeignSigner.all)
    }

    @Test func `Unsigned attributes are set aside`() throws {
        // A timestamp's place; the tool has no option for one.
        let signed = try ForeignSigner.all[0].sign(Self.content)
        let signer = try SignedData(derBytes: signed).signerInfos[0].derBytes
        let attribute = DERBytes.sequence([[0x06, 0x03, 0x2A, 0x03, 0x04], DERBytes.node(0x31, [0x05, 0x00])])
        let stamped = DERBytes.sequence(DERBytes.children(of: signer) + [DERBytes.node(0xA1, attribute)])
        let imported = try SignedData.imported(
            DERBytes.signedData(content: Self.content, signers: [stamped]), content: Self.content)
        #expect(imported.signedData.signerInfos.map(\.derBytes) == [signer])
        try expectAccepted(imported.signedData, [ForeignSigner.all[0]])
    }
}
