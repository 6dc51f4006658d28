import OpenSSLKit
import Registry
import Support
import Testing

/// What is not taken over, each with a message of its own.
@Suite struct ImportRefusalTests {
    private static let content = ImportingTests.content
    private static let signer = ForeignSigner.all[0]

    private func refusal(_ bytes: [UInt8], content: [UInt8] = content) -> ImportError? {
        do throws(ImportError) {
            _ = try SignedData.imported(bytes, content: content)
            return nil
        } catch {
            return error
        }
    }

    /// The one signer's SignerInfo as its fields.
    private func fields() throws -> [[UInt8]] {
        DERBytes.children(of: try SignedData(derBytes: Self.signer.sign(Self.content)).signerInfos[0].derBytes)
    }

    private func framed(_ signers: [[UInt8]], content: [UInt8]? = content) -> [UInt8] {
        DERBytes.signedData(content: content, signers: signers)
    }

    @Test func `What these tests take apart is taken over when it is put together again`() throws {
        #expect(refusal(framed([DERBytes.sequence(try fields())])) == nil)
        #expect(refusal(framed([DERBytes.sequence(try fields())], content: nil)) == nil)
    }

    // MARK: Not a signature

    @Test func `Garbage and empty files are no signature`() throws {
        let pem = try Self.signer.certificate.pem()
        let noise: [[UInt8]] = [
            [], [0x30], [0x30, 0x00], Array("hello, this is a note".utf8), Array(repeating: 0xFF, count: 1000), pem,
            Self.signer.certificate.derBytes, Self.signer.keyPEM, Self.content, Array("-----BEGIN CMS-----\n!".utf8),
            Array("MIIC====".utf8), Array("M".utf8),
        ]
        for bytes in noise {
            let error = try #require(refusal(bytes))
            #expect([.notSignedData, .truncated].contains(error), "\(error)")
        }
        #expect(ImportError.notSignedData.description == "this is no CMS SignedData in DER, BER, PEM or Base64")
    }

    @Test func `A signature that is cut short says so`() throws {
        for form in ForeignSigner.Form.allCases {
            let signed = try Self.signer.sign(Self.content, form: form, certificates: true)
            for count in stride(from: 1, to: signed.count, by: 7) {
                #expect(refusal(Array(signed.prefix(count))) == .truncated, "\(form) \(count)")
            }
            #expect(refusal(signed + [0]) == .notSignedData)
        }
        #expect(ImportError.truncated.description == "the signature is cut short")
    }

    @Test(arguments: [49, 51, 1000, 400_000])
    func `Nesting without end is refused`(_ depth: Int) throws {
        var indefinite: [UInt8] = []
        for _ in 0..<depth { indefinite += [0x30, 0x80] }
        #expect(refusal(indefinite) != nil)
        #expect(refusal(indefinite + Array(repeating: 0, count: depth < 200_000 ? 2 * depth : 0)) == .notSignedData)
        var nested: [UInt8] = []
        for _ in 0..<min(depth, 1000) { nested = DERBytes.node(0x30, nested) }
        #expect(refusal(nested) == .notSignedData)
        var octets: [UInt8] = [0x04, 0x00]
        for _ in 0..<min(depth, 1000) { octets = DERBytes.node(0x24, octets) }
        #expect(refusal(framed([], content: octets)) == .otherContent)
    }

    @Test func `Too many bytes are refused before they are read`() {
        let huge = [UInt8](repeating: 0x30, count: SignedData.maximumImportedBytes + 1)
        #expect(refusal(huge) == .tooLarge(maximumBytes: 1_048_576))
        #expect(refusal(Array(huge.dropLast())) != .tooLarge(maximumBytes: 1_048_576))
        #expect(refusal(Array(huge.dropLast())) != nil)
    }

    @Test func `S/MIME is told apart`() throws {
        for form in [ForeignSigner.Form.attached, .detached] {
            let mail = try Self.signer.sign(Self.content, form: form, encoding: "SMIME")
            #expect(refusal(mail) == .mail)
        }
        #expect(ImportError.mail.description == "this is an S/MIME message, not a bare signature")
        #expect(ImportError.mail.hint == "sign with -outform DER")
    }

    // MARK: Another content

    @Test func `A signature over another statement is refused`() throws {
        let other = Array("{\"agreement\":\"KZ-UZ-2025-07\",\"version\":1}".utf8)
        #expect(refusal(try Self.signer.sign(other)) == .otherContent)
        #expect(refusal(try Self.signer.sign(other, form: .stream)) == .otherContent)
        #expect(refusal(try Self.signer.sign(other, form: .detached)) == .otherMessageDigest(signer: 1))
        #expect(ImportError.otherContent.description == "the signature carries another statement")
        #expect(
            ImportError.otherMessageDigest(signer: 1).description
                == "signer 1: the signature is over other content than this statement")
    }

    @Test func `A signature over changed line ends is refused with the way out`() throws {
        let lines = Array("{\n}\n".utf8)
        for form in [ForeignSigner.Form.attached, .detached] {
            let text = try Self.signer.sign(lines, form: form, leavingOut: ["-binary"])
            #expect(refusal(text, content: lines) == .otherLineEnds)
            // An editor has put a newline at the end.
            #expect(refusal(try Self.signer.sign(Self.content + [0x0A], form: form)) == .otherLineEnds)
        }
        #expect(ImportError.otherLineEnds.hint == "sign with -binary, the file exactly as it is")
    }

    /// `openssl cms -resign` copies the first signer's message-digest blindly.
    @Test func `Altered content under a re-signed signature is refused`() throws {
        var altered = try Self.signer.sign(Self.content)
        let place = try #require(altered.firstRange(of: Self.content))
        altered[place.lowerBound + 20] ^= 1
        let other = Array(altered[place])
        let blind = try ForeignSigner.all[2].resign(altered)
        #expect(try SignedData(derBytes: blind).signerInfos.count == 2, "the trap is still there")
        #expect(refusal(blind) == .otherContent)
        #expect(refusal(blind, content: other) == .otherMessageDigest(signer: 1))
    }

    @Test func `Content of another type is refused`() throws {
        let signer = DERBytes.sequence(try fields())
        // id-ct-TSTInfo
        let type: [UInt8] = [0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04]
        #expect(
            refusal(DERBytes.signedData(content: Self.content, signers: [signer], type: type)) == .otherContentType)
        let typed = try Self.signer.sign(Self.content, adding: ["-econtent_type", "1.2.840.113549.1.9.16.1.4"])
        #expect(refusal(typed) == .otherContentType)
    }

    // MARK: Outside the profile

    @Test func `Careless options are named one by one`() throws {
        func signed(without option: String) throws -> ImportError? {
            refusal(try Self.signer.sign(Self.content, leavingOut: [option]))
        }
        #expect(try signed(without: "-cades") == .noSigningCertificate(signer: 1))
        #expect(ImportError.noSigningCertificate(signer: 1).hint == "sign with -cades")
        // S/MIME capabilities, RFC 8551, 2.5.2
        #expect(try signed(without: "-nosmimecap") == .otherAttributes(signer: 1, ["1.2.840.113549.1.9.15"]))
        #expect(ImportError.otherAttributes(signer: 1, []).hint == "sign with -nosmimecap")
        let keyid = try Self.signer.sign(Self.content, adding: ["-keyid"])
        #expect(refusal(keyid) == .namedByKeyIdentifier(signer: 1))
        let bare = try Self.signer.sign(Self.content, leavingOut: ["-cades"], adding: ["-noattr"])
        #expect(refusal(bare) == .noSignedAttributes(signer: 1))
    }

    @Test func `Algorithms outside the profile are refused`() throws {
        let p256 = Self.signer
        let rsa = ForeignSigner.all[3]
        // A later -md counts.
        #expect(
            refusal(try p256.sign(Self.content, adding: ["-md", "sha512"]))
                == .signatureAlgorithm(signer: 1, identifier: "1.2.840.10045.4.3.4"))
        #expect(refusal(try rsa.sign(Self.content, adding: ["-md", "sha1"])) == .digestAlgorithm(signer: 1))
        #expect(refusal(try rsa.sign(Self.content, adding: ["-md", "sha3-256"])) == .digestAlgorithm(signer: 1))
        let mixed = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_mgf1_md:sha512"]
        #expect(refusal(try rsa.sign(Self.content, adding: mixed)) == .pssParameters(signer: 1))
    }

    @Test func `Attributes out of DER order are refused`() throws {
        var fields = try fields()
        let attributes = DERBytes.children(of: fields[3])
        #expect(attributes.count == 4)
        fields[3] = DERBytes.node(0xA0, attributes.reversed().flatMap { $0 })
        #expect(refusal(framed([DERBytes.sequence(fields)])) == .attributesNotInDEROrder(signer: 1))
        #expect(
            ImportError.attributesNotInDEROrder(signer: 1).description
                == "signer 1: the signed attributes are not in DER order")
    }

    @Test func `A missing attribute is named`() throws {
        let complete = try fields()
        let attributes = DERBytes.children(of: complete[3])
        func without(_ identifier: [UInt8]) -> ImportError? {
            var fields = complete
            fields[3] = DERBytes.node(0xA0, attributes.filter { $0.firstRange(of: identifier) == nil }.flatMap { $0 })
            return refusal(framed([DERBytes.sequence(fields)]))
        }
        let pkcs9: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09]
        #expect(without(pkcs9 + [0x05]) == .noSigningTime(signer: 1))
        #expect(without(pkcs9 + [0x10, 0x02, 0x2F]) == .noSigningCertificate(signer: 1))
        #expect(without(pkcs9 + [0x04]) == .malformedSigner(signer: 1, "message-digest is missing"))
        #expect(without(pkcs9 + [0x03]) == .malformedSigner(signer: 1, "content-type is missing or not id-data"))
    }

    @Test func `A signature that is not in DER is refused whatever is around it`() throws {
        let fields = try fields()
        // The same SignerInfo with an indefinite length, and with a length of more octets than it needs.
        let content = fields.flatMap { $0 }
        let indefinite = [0x30, 0x80] + content + [0x00, 0x00]
        let long = [0x30, 0x83, 0x00, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
        for signer in [indefinite, long] {
            #expect(
                refusal(
                    DERBytes.sequence([
                        [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02],
                        DERBytes.node(
                            0xA0,
                            DERBytes.sequence([
                                [0x02, 0x01, 0x01], DERBytes.node(0x31, fields[2]),
                                DERBytes.sequence([
                                    [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
                                ]), DERBytes.node(0x31, signer),
                            ])),
                    ])) == .signerNotDER(signer: 1))
        }
    }

    @Test func `Nobody, the same one twice and a crowd are refused`() throws {
        let signer = DERBytes.sequence(try fields())
        #expect(refusal(framed([])) == .noSigner)
        #expect(refusal(framed([signer, signer])) == .signedTwice)
        #expect(refusal(framed(Array(repeating: signer, count: 17))) == .tooManySigners(maximum: 16))
    }

    @Test func `Only the second of two signers is at fault`() throws {
        let other = ForeignSigner.all[2]
        let both = try other.resign(Self.signer.sign(Self.content))
        let signers = try SignedData(derBytes: both).signerInfos.map(\.derBytes)
        var fields = DERBytes.children(of: signers[1])
        fields[3] = DERBytes.node(0xA0, DERBytes.children(of: fields[3]).reversed().flatMap { $0 })
        let damaged = framed([signers[0], DERBytes.sequence(fields)])
        #expect(refusal(damaged) == .attributesNotInDEROrder(signer: 2))
    }

    // MARK: Hostile bytes

    /// Whatever is taken over keeps to the profile, and nothing stops the program.
    @Test(arguments: ForeignSigner.Form.allCases)
    func `A signature with any byte changed is refused or within the profile`(_ form: ForeignSigner.Form) throws {
        let signed = try Self.signer.sign(Self.content, form: form, certificates: true)
        var taken = 0
        let changes: [UInt8] = [0x01, 0x20, 0x80, 0xFF]
        for position in signed.indices {
            for change in Campaign.isWhole ? changes : [changes[position % changes.count]] {
                var altered = signed
                altered[position] ^= change
                guard let imported = try? SignedData.imported(altered, content: Self.content) else { continue }
                taken += 1
                let leaf = try SignedData.assemble([imported.signedData])
                #expect(Entry(leaf: leaf).deviations == [], "byte \(position)")
            }
        }
        #expect(taken > 0, "certificates and signature values may be anything")
    }
}
