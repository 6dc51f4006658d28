import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing

/// What a registry no longer holds is not proved wrong, and not passed; what it holds altered is wrong.
@Suite struct MissingEvidenceTests {
    private func path(_ registry: ScratchRegistry, _ certificate: Certificate) -> String {
        registry.registry.fullPath(RegistryFolder.certificateName(ContentDigest(certificate.fingerprint)))
    }

    private func keys(_ report: AuditReport, entry: Int64?) -> Set<String> {
        Set(report.findings.filter { $0.entry == entry && $0.severity != .warning }.map(\.key))
    }

    private func flip(_ path: String, at position: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[position < 0 ? bytes.count + position : position] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    // MARK: Certificates

    @Test(arguments: [["UZ"], ["KZ"], ["KZ", "TM", "UZ"]])
    func `A signer's certificate that is gone leaves its signatures verified and undecided`(
        _ parties: [String]
    ) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        for party in parties {
            try FileManager.default.removeItem(atPath: path(registry, crowded.signer(party).certificate))
        }
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate)
        #expect(Set(report.findings.map(\.key)) == ["certificate.missing"])
        #expect(report.signatures == 5, "the lists have the keys")
        #expect(keys(report, entry: 0) == ["certificate.missing"])
        let signsAgreement = parties != ["TM"]
        #expect(keys(report, entry: 1) == (signsAgreement ? ["certificate.missing"] : []))
        for party in parties where party != "TM" {
            let certificate = ContentDigest(crowded.signer(party).certificate.fingerprint)
            let saying = "the signature verifies under the key on the list of \(party), but its certificate is not held"
            #expect(
                report.findings.contains {
                    $0.entry == 1 && $0.severity == .indeterminate && $0.message == saying
                        && $0.path == RegistryFolder.certificateName(certificate)
                })
        }
    }

    /// The hash in signing-certificate-v2 is then SHA-384, which the list cannot be compared with.
    @Test func `The certificate of a P-384 signer may be gone as well`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let signer = crowded.special[.p384]!
        let content = try crowded.statement().canonicalBytes
        let leaf = try crowded.leaf(content, [(signer, .ecdsa(.sha384)), (crowded.signer("UZ"), .ecdsa(.sha256))])
        try await registry.putByHand([leaf])
        #expect(try await registry.audit().verdict == .passed)
        try FileManager.default.removeItem(atPath: path(registry, signer.certificate))
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate)
        #expect(report.signatures == 7)
        #expect(keys(report, entry: 2) == ["certificate.missing"])
    }

    @Test func `A listed certificate that nobody signed with is missed too`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        try FileManager.default.removeItem(atPath: path(registry, crowded.signer("KZ", 2).certificate))
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate)
        #expect(report.findings.map(\.key) == ["certificate.missing"])
    }

    @Test func `An authority's certificate that is gone leaves chains undecided`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        try FileManager.default.removeItem(atPath: path(registry, registry.authority("UZ").certificate))
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate)
        #expect(Set(report.findings.map(\.key)).isSuperset(of: ["certificate.missing"]))
        #expect(!report.findings.contains { $0.severity == .failed }, "\(report.findings.map(\.key))")
        #expect(keys(report, entry: 1) == ["certificate.missing"])
    }

    @Test func `With its certificate gone a signature that does not verify still fails`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let good = try GoodLeaf(crowded)
        let leaf = try good.alteringKZ { $0.signature = try good.uz.key.sign($0.signedBytes, scheme: .ecdsa(.sha256)) }
        try await Refusal("entry.signature.invalid", "a signature does not verify")
            .holds(for: leaf, in: crowded, alone: false) { [self] in
                try FileManager.default.removeItem(atPath: path($0, good.kz.certificate))
            }
    }

    /// Taking a certificate away must not make a bad signature better.
    @Test(arguments: [CrowdedRegistry.Signer.rsa1024, .p521, .secp256k1])
    func `With its certificate gone a signature of a forbidden algorithm still fails`(
        _ special: CrowdedRegistry.Signer
    ) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let signer = crowded.special[special]!
        let content = try crowded.statement().canonicalBytes
        let scheme = special == .rsa1024 ? SignatureScheme.rsaPKCS1(.sha256) : .ecdsa(.sha256)
        let leaf = try crowded.leaf(content, [(signer, scheme), (crowded.signer("UZ"), .ecdsa(.sha256))])
        try await Refusal("entry.signer.algorithm", "the profile does not allow")
            .holds(for: leaf, in: crowded, alone: false) { [self] in
                try FileManager.default.removeItem(atPath: path($0, signer.certificate))
            }
    }

    @Test func `With its certificate gone a claim of a later time still fails`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let leaf = try crowded.leaf(content, [crowded.signer("KZ"), crowded.signer("UZ")], at: crowded.now + 86400)
        try await Refusal("entry.time.claimed-late", "later than the time by which it was signed")
            .holds(for: leaf, in: crowded, alone: false) { [self] registry in
                for party in ["KZ", "UZ"] {
                    try FileManager.default.removeItem(atPath: path(registry, crowded.signer(party).certificate))
                }
            }
    }

    @Test func `With a signer's certificate gone nothing of that signer is added`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let leaf = try GoodLeaf(crowded).tree.bytes
        try await Refusal("certificate.missing", "its certificate is not held", verdict: .indeterminate)
            .holds(for: leaf, in: crowded) { [self] in
                try FileManager.default.removeItem(atPath: path($0, crowded.signer("UZ").certificate))
            }
    }

    @Test(arguments: [0, 3, 40, 150, -1])
    func `A flipped byte in a certificate fails`(_ position: Int) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        try flip(path(registry, crowded.signer("UZ").certificate), at: position)
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        let finding = try #require(report.findings.first { $0.key == "certificate.mismatch" })
        #expect(
            finding.path == RegistryFolder.certificateName(ContentDigest(crowded.signer("UZ").certificate.fingerprint)))
        #expect(finding.message.contains("not those that its name says"))
        // The altered bytes are as good as not there.
        #expect(keys(report, entry: 1) == ["certificate.missing"])
    }

    @Test func `Another certificate under a listed one's name fails`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let target = path(registry, crowded.signer("UZ").certificate)
        try FileManager.default.removeItem(atPath: target)
        try Data(crowded.unlisted.certificate.derBytes).write(to: URL(fileURLWithPath: target))
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.contains { $0.key == "certificate.mismatch" })
    }

    @Test func `A file that is no certificate under its own hash fails`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let bytes: [UInt8] = Array("no certificate".utf8)
        try registry.scratch.write(bytes, to: "registry/\(RegistryFolder.certificateName(ContentDigest.of(bytes)))")
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.map(\.key) == ["certificate.malformed"])
    }

    @Test func `A certificate whose key nobody can read fails, and is as good as not there`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        // The outline is whole: only OpenSSL sees that there is no such curve.
        var bytes = crowded.unlisted.certificate.derBytes
        let curve: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        let position = try #require(bytes.indices.first { bytes[$0...].starts(with: curve) })
        bytes[position + curve.count - 1] = 0x7F
        let digest = ContentDigest.of(bytes)
        try registry.scratch.write(bytes, to: "registry/\(RegistryFolder.certificateName(digest))")
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.map(\.key) == ["certificate.malformed"])
        #expect(report.findings.first?.path == RegistryFolder.certificateName(digest))
        let store = CertificateStore(registry.registry)
        #expect(store[digest] == nil)
        #expect(!store.fingerprints.contains(digest))
        #expect(!store.all.isEmpty)
    }

    @Test func `A certificate that only OpenSSL reads is held all the same`() async throws {
        // The length of its signed part, 0x82 and two bytes, in one byte more than DER has.
        var bytes = try await CrowdedRegistry.shared().unlisted.certificate.derBytes
        #expect(bytes[..<2] == [0x30, 0x82] && bytes[4..<6] == [0x30, 0x82])
        bytes.replaceSubrange(5..<6, with: [0x83, 0x00])
        bytes[3] += 1
        let certificate = try Certificate(derBytes: bytes)
        #expect(throws: SignedDataError.self) { try CertificateOutline(derBytes: bytes) }
        let digest = ContentDigest.of(bytes)
        #expect(CertificateStore([certificate])[digest] != nil)
        let scratch = ScratchFolder()
        try scratch.write(bytes, to: RegistryFolder.certificateName(digest))
        let store = CertificateStore(RegistryFolder(path: scratch.path))
        #expect(store[digest] != nil && store.findings.isEmpty)
        #expect(store.certificates(issuer: certificate.issuer, serialNumber: certificate.serialNumber).count == 1)
    }

    @Test func `A certificate that belongs to nobody does not pass unseen`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        try registry.holdCertificate(crowded.unlisted.certificate)
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate)
        #expect(report.findings.map(\.key) == ["registry.file.unexpected"])
    }

    // MARK: Documents

    private func document(_ registry: ScratchRegistry) throws -> String {
        let text = Array("The text of \(CrowdedRegistry.agreement).\n".utf8)
        let path = registry.registry.fullPath(RegistryFolder.documentName(ContentDigest.of(text)))
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == text)
        return path
    }

    @Test func `A document that is gone is undecided`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        try FileManager.default.removeItem(atPath: document(registry))
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate)
        #expect(report.findings.map(\.key) == ["document.missing"])
        #expect(report.findings.map(\.entry) == [1])
        #expect(report.findings.map(\.agreement) == ["A-1"])
        #expect(report.findings.first?.message.contains("A-1.txt is not held") == true)
        #expect(report.documents.missing == 1)
    }

    @Test(arguments: [0, 5, -1])
    func `A flipped byte in a document fails`(_ position: Int) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        try flip(document(registry), at: position)
        try await expectMismatch(registry)
    }

    enum Damage: CaseIterable { case empty, longer, shorter }

    @Test(arguments: Damage.allCases)
    func `A document of another length fails`(_ damage: Damage) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let path = try document(registry)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        switch damage {
        case .empty: bytes = Data()
        case .longer: bytes.append(0)
        case .shorter: bytes.removeLast()
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        try bytes.write(to: URL(fileURLWithPath: path))
        try await expectMismatch(registry)
    }

    /// To read it to its end would take hours.
    @Test(.hangLimit) func `A document that was blown up is found without being read`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let path = try document(registry)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        try CommandRun.makeSparse(path)
        try await expectMismatch(registry)
        let verified = try await Verification(registry: registry.registry, keys: registry.keys, now: registry.now)
            .verify(["A-1"])
        #expect(verified.targets[0].findings.map(\.key) == ["document.mismatch"])
    }

    private func expectMismatch(_ registry: ScratchRegistry) async throws {
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.map(\.key) == ["document.mismatch"])
        #expect(report.findings.map(\.entry) == [1])
        #expect(report.findings.first?.message.contains("not those that were signed") == true)
    }

    @Test func `A statement that gives another size for its document fails`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let (document, files) = try registry.document("Some text.\n", name: "text.txt")
        let registrar = try await registry.registrar()
        let statement = try registrar.statement(
            of: .agreementRegistered(ScratchRegistry.body(documents: [document])), agreement: AgreementID("A-2")!)
        let content = try statement.canonicalBytes.replacing("\"size\":11}", with: "\"size\":12}")
        let leaf = try crowded.leaf(content, [crowded.signer("KZ"), crowded.signer("UZ")])
        let registered = try? registrar.queue(leaf: leaf, documents: files)
        #expect(registered == nil, "an audit would fail what was just added")
        let name = RegistryFolder.documentName(ContentDigest.of(Array("Some text.\n".utf8)))
        try registry.scratch.write("Some text.\n", to: "registry/\(name)")
        try await registry.putByHand([leaf])
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.map(\.key) == ["document.size"])
        #expect(report.findings.map(\.entry) == [2])
    }

    @Test func `A false size is found also where the document was looked at just before`() async throws {
        let registry = try await ScratchRegistry.established()
        let (document, files) = try registry.document("Some text.\n", name: "text.txt")
        let registrar = try await registry.registrar()
        _ = try registrar.sign(
            registrar.statement(
                of: .agreementRegistered(ScratchRegistry.body(documents: [document])), agreement: AgreementID("A-1")!),
            documents: files)
        _ = try await registrar.commit()
        registry.advance(by: 10)
        let statement = try registrar.statement(
            of: .agreementRegistered(ScratchRegistry.body(documents: [document])), agreement: AgreementID("A-2")!)
        for (number, size) in [(2, 11), (3, 12), (4, 11)] {
            let content = try statement.canonicalBytes.replacing("\"size\":11}", with: "\"size\":\(size)}")
                .replacing("A-2", with: "A-\(number)")
            try await registry.putByHand([
                registry.leaf(content: content, signers: [registry.signer("KZ"), registry.signer("UZ")])
            ])
        }
        let report = try await registry.audit()
        #expect(report.findings.map(\.key) == ["document.size"])
        #expect(report.findings.map(\.entry) == [3])
    }

    @Test(.hangLimit) func `A document that was blown up is put right where it is registered again`() async throws {
        let registry = try await ScratchRegistry.established()
        let (document, files) = try registry.document("Some text.\n", name: "text.txt")
        let digest = try #require(document.digest)
        let name = RegistryFolder.documentName(digest)
        try registry.scratch.write("Some text.\n", to: "registry/\(name)")
        try CommandRun.makeSparse(registry.registry.fullPath(name))
        let registrar = try await registry.registrar()
        _ = try registrar.sign(
            registrar.statement(
                of: .agreementRegistered(ScratchRegistry.body(documents: [document])), agreement: AgreementID("A-1")!),
            documents: files)
        _ = try await registrar.commit()
        #expect(try await registry.audit().verdict == .passed)
    }

    @Test func `An entry is not added without its document`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let (document, files) = try registry.document("Some text.\n", name: "text.txt")
        let registrar = try await registry.registrar()
        let statement = try registrar.statement(
            of: .agreementRegistered(ScratchRegistry.body(documents: [document])), agreement: AgreementID("A-2")!)
        let leaf = try crowded.leaf(statement.canonicalBytes, [crowded.signer("KZ"), crowded.signer("UZ")])
        let error = #expect(throws: RegistryError.self) { try registrar.queue(leaf: leaf, documents: [:]) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("text.txt") == true)
        #expect(try registrar.queue(leaf: leaf, documents: files).index == 2)
    }
}
