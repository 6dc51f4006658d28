import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// The exact profile of a leaf: one fault at a time, with everything else as it should be.
@Suite struct EntryProfileTests {
    @Test(arguments: LeafFault.frame + LeafFault.encoding + LeafFault.signedAttributes + LeafFault.algorithms)
    func `A leaf with one fault is refused`(_ fault: LeafFault) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let good = try GoodLeaf(crowded)
        let leaf = try fault.make(good)
        #expect(leaf != good.tree.bytes, "the fault is idle")
        try await fault.refusal.holds(for: leaf, in: crowded, alone: fault.alone)
    }

    /// Or the faults above would be refused for what the tools of these tests do.
    @Test func `The leaf that the faults are made of is good`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let good = try GoodLeaf(crowded)
        let registry = try crowded.copy()
        try await registry.putByHand([good.tree.bytes])
        let report = try await registry.audit()
        #expect(report.verdict == .passed)
        #expect(report.findings.isEmpty)
        #expect(try good.alteringKZ { _ in } == good.tree.bytes)
        let resigned = try good.resigningKZ { _ in }
        #expect(try await crowded.copy().registrar().queue(leaf: resigned, documents: [:]).index == 2)
    }

    @Test func `A leaf made by hand has the structure of one that OpenSSL makes`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        for (signer, scheme) in [
            (crowded.signer("KZ"), SignatureScheme.ecdsa(.sha256)), (crowded.special[.p384]!, .ecdsa(.sha384)),
            (crowded.special[.rsa3072]!, .rsaPKCS1(.sha256)),
        ] {
            let made = try SignedData.sign(
                content, certificate: signer.certificate, key: signer.key, signingTime: crowded.now)
            var openSSL = LeafTree(try SignedData.assemble([SignedData(derBytes: made)]))
            var hand = LeafTree(try crowded.leaf(content, [(signer, scheme)]))
            openSSL.signers[0].signature = []
            hand.signers[0].signature = []
            #expect(openSSL.bytes == hand.bytes)
        }
    }

    /// RSASSA-PSS-params (RFC 4055, 3.1): { [0] hash, [1] mask, [2] salt length }, which nobody signs.
    enum ParameterFault: CaseIterable, Sendable {
        case none, null, empty, otherOrder, hashTwice, saltTwice, trailer, unknownField, hashOfAnother, maskOfAnother
        case saltOfAnother, salt20

        func apply(to algorithm: inout DERNode) {
            var fields = algorithm[1].children
            let sha512 = DERNode.sequence([OID.sha512, .null])
            switch self {
            case .none:
                algorithm.children.removeLast()
                return
            case .null:
                algorithm[1] = .null
                return
            case .empty: fields = []
            case .otherOrder: fields = [fields[1], fields[0], fields[2]]
            case .hashTwice: fields.insert(.context(0, [sha512]), at: 0)
            case .saltTwice: fields.insert(.context(2, [.integer([7])]), at: 2)
            case .trailer: fields.append(.context(3, [.integer([1])]))
            case .unknownField: fields.append(.context(4, []))
            case .hashOfAnother: fields[0] = .context(0, [sha512])
            case .maskOfAnother: fields[1][0][1] = sha512
            case .saltOfAnother: fields[2] = .context(2, [.integer([31])])
            case .salt20: fields.removeLast()
            }
            algorithm[1] = .sequence(fields)
        }

        /// These name a scheme of the profile, and another one than was signed with.
        var isInProfile: Bool { self == .saltOfAnother || self == .salt20 }
    }

    @Test(arguments: ParameterFault.allCases)
    func `PSS parameters have one encoding`(_ fault: ParameterFault) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let signer = crowded.special[.rsaPSS]!
        var tree = LeafTree(
            try crowded.leaf(
                content, [(signer, .rsaPSS(.sha256, saltLength: 32)), (crowded.signer("UZ"), .ecdsa(.sha256))]))
        let identifier = HandSigning.identifier(of: signer.certificate)
        let position = try #require(tree.signers.firstIndex { $0.identifier == identifier })
        fault.apply(to: &tree.signers[position].signatureAlgorithm)
        tree.sortSigners()
        let refusal =
            fault.isInProfile
            ? Refusal("entry.signature.invalid", "a signature does not verify")
            : Refusal("entry.profile", "its signature algorithm is none of the profile")
        try await refusal.holds(for: tree.bytes, in: crowded, alone: false)
    }

    @Test(arguments: [16, 17])
    func `A leaf has at most 16 signers`(_ count: Int) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let registry = try crowded.copy()
        let authority = try registry.authority("KZ")
        let forge = CertificateForge(issuer: authority.certificate, issuerKey: authority.key)
        let key = crowded.signer("KZ").key
        let signers = try (0..<count).map { number in
            TestSigner(certificate: try forge.ordinary("signer \(number)", key.publicKey), key: key)
        }
        let leaf = try crowded.leaf(content, signers)
        let saying = "it has \(count) signers, more than 16"
        let deviations = Entry(leaf: leaf).deviations
        #expect(deviations == (count > 16 ? [saying] : []))
        guard count > 16 else { return }
        try await Refusal("entry.profile", saying).holds(for: leaf, in: crowded, alone: false) { registry in
            for signer in signers { try registry.holdCertificate(signer.certificate) }
        }
    }

    @Test func `A leaf of more than 65,535 bytes is refused and no bundle takes it`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let good = try GoodLeaf(crowded)
        let leaf = good.altering {
            $0.insertField(.context(0, [DERNode.octetString([UInt8](repeating: 0, count: 65_000))]))
        }
        #expect(leaf.count > EntryProfile.maximumLeafBytes)
        let registry = try crowded.copy()
        let registrar = try await registry.registrar()
        let error = #expect(throws: RegistryError.self) { try registrar.queue(leaf: leaf, documents: [:]) }
        #expect(
            error?.findings.contains { $0.key == "entry.profile" && $0.message.contains("more than 65535") } == true)
        await #expect(throws: EntryBundleError.self) { try await registry.putByHand([leaf]) }
        #expect(try await registry.audit().entries == CrowdedRegistry.size)
    }

    @Test func `A profile as large as a leaf may be is no reason to refuse`() {
        #expect(EntryProfile.maximumLeafBytes == EntryBundle.maximumEntryByteCount)
    }

    @Test func `Every fault of a leaf is reported and not the first one only`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let good = try GoodLeaf(crowded)
        let leaf = good.altering {
            $0.version = .integer([3])
            $0.encapsulated[0] = OID.digestedData
            $0.insertField(.context(0, [DERNode(good.kz.certificate.derBytes)]))
            $0.insertField(.context(1, [.sequence([])]))
            $0.digestAlgorithms.append(.sequence([OID.sha384]))
            $0.signers[0].attributes.removeAll { $0[0] == OID.signingTime }
        }
        let registry = try crowded.copy()
        try await registry.putByHand([leaf])
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        for saying in [
            "its version is 3", "is not id-data", "certificates inside", "revocation lists inside",
            "its digest algorithms", "signing-time is missing", "a signature does not verify",
        ] {
            #expect(report.findings.contains { $0.entry == 2 && $0.message.contains(saying) }, "\(saying)")
        }
    }
}
