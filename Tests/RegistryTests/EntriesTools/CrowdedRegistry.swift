import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import TiledLog

/// A registry of three parties, made once and copied for every test that harms it. KZ lists, beside its two ordinary
/// signers, one of each kind that a list may hold and that a check must judge.
struct CrowdedRegistry: Sendable {
    enum Signer: Int, CaseIterable, Sendable {
        case expiring = 3, future, authority, authorityThatSigns, keyAgreement, withoutKeyUsage
        case ofBothParties, ofTheOtherParty, selfSigned
        case rsa1024, rsa2048, rsa3072, rsaPSS, p384, p521, secp256k1, ed25519
    }

    static let expiry = ScratchRegistry.start + 1000
    static let agreement = "A-1"
    /// Entry 0 and the agreement.
    static let size: Int64 = 2

    let scratch: ScratchFolder
    let now: Int64
    let ordinary: [PartyID: [TestSigner]]
    let special: [Signer: TestSigner]
    /// Issued by KZ's authority, and on no list.
    let unlisted: TestSigner
    private let identity: ContentDigest
    private let tree: TreeReference

    private static let making = Task { try await make() }

    static func shared() async throws -> CrowdedRegistry { try await making.value }

    private static func make() async throws -> CrowdedRegistry {
        let registry = try ScratchRegistry(parties: ["KZ", "TM", "UZ"])
        let kz = try registry.authority("KZ")
        let forge = CertificateForge(issuer: kz.certificate, issuerKey: kz.key)
        let special = try specialSigners(registry, forge)
        for (signer, made) in special {
            let name = KeysFolder.signerName(ScratchRegistry.kz, signer.rawValue)
            try registry.keys.files.replace(name, with: made.certificate.pem())
        }
        try await registry.establish(parties: ["KZ", "TM", "UZ"])
        try await registry.add(agreement)

        var ordinary: [PartyID: [TestSigner]] = [:]
        for party in ["KZ", "TM", "UZ"] {
            ordinary[PartyID(party)!] = try [1, 2].map {
                let signer = try registry.signer(party, $0)
                return TestSigner(certificate: signer.certificate, key: signer.key)
            }
        }
        let stranger = try PrivateKey.generateP256()
        let scratch = ScratchFolder()
        for folder in ["keys", "registry"] {
            try FileManager.default.copyItem(atPath: registry.scratch.file(folder), toPath: scratch.file(folder))
        }
        let head = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).publishedHead
        return CrowdedRegistry(
            scratch: scratch, now: registry.now, ordinary: ordinary, special: special,
            unlisted: TestSigner(certificate: try forge.ordinary("unlisted", stranger.publicKey), key: stranger),
            identity: registry.identity, tree: TreeReference(root: ContentDigest(head.root), size: head.size))
    }

    private static func specialSigners(
        _ registry: ScratchRegistry, _ forge: CertificateForge
    ) throws -> [Signer: TestSigner] {
        var made: [Signer: TestSigner] = [:]
        for signer in Signer.allCases {
            let key = try key(signer)
            made[signer] = TestSigner(certificate: try certificate(signer, key, registry, forge), key: key)
        }
        return made
    }

    private static func key(_ signer: Signer) throws -> PrivateKey {
        switch signer {
        case .rsa1024: try CertificateForge.key("RSA", "rsa_keygen_bits:1024")
        case .rsa2048: try CertificateForge.key("RSA", "rsa_keygen_bits:2048")
        case .rsa3072: try CertificateForge.key("RSA", "rsa_keygen_bits:3072")
        case .rsaPSS: try CertificateForge.key("RSA-PSS", "rsa_keygen_bits:3072")
        case .p384: try .generateP384()
        case .p521: try CertificateForge.key("EC", "ec_paramgen_curve:P-521")
        case .secp256k1: try CertificateForge.key("EC", "ec_paramgen_curve:secp256k1")
        case .ed25519: try .generateEd25519()
        default: try .generateP256()
        }
    }

    private static func certificate(
        _ signer: Signer, _ key: PrivateKey, _ registry: ScratchRegistry, _ forge: CertificateForge
    ) throws -> Certificate {
        let name = "\(signer)"
        switch signer {
        case .expiring: return try forge.ordinary(name, key.publicKey, notAfter: expiry)
        case .future: return try forge.ordinary(name, key.publicKey, notBefore: ScratchRegistry.start + 100_000)
        case .authority: return try forge.ordinary(name, key.publicKey, isAuthority: true)
        case .authorityThatSigns:
            // digitalSignature, keyCertSign, cRLSign
            return try forge.with(keyUsage: 0x86, forge.ordinary(name, key.publicKey, isAuthority: true))
        case .keyAgreement: return try forge.with(keyUsage: 0x08, forge.ordinary(name, key.publicKey))
        case .withoutKeyUsage: return try forge.with(keyUsage: nil, forge.ordinary(name, key.publicKey))
        case .ofBothParties: return try ofBothParties(key, registry)
        case .ofTheOtherParty:
            let uz = try registry.authority("UZ")
            return try CertificateForge(issuer: uz.certificate, issuerKey: uz.key).ordinary(name, key.publicKey)
        case .selfSigned:
            return try Certificate.selfSigned(
                CertificateRequest(
                    subject: [("CN", name)], notBefore: ScratchRegistry.start - 86400, notAfter: expiry + 1_000_000,
                    isAuthority: false), key: key)
        default: return try forge.ordinary(name, key.publicKey)
        }
    }

    /// Two certificates of one authority, one under each party: different bytes, the same name and key.
    private static func ofBothParties(_ key: PrivateKey, _ registry: ScratchRegistry) throws -> Certificate {
        let authorityKey = try PrivateKey.generateP256()
        let request = CertificateRequest(
            subject: [("CN", "An authority of both")], notBefore: ScratchRegistry.start - 86400,
            notAfter: ScratchRegistry.start + 10 * 365 * 86400, isAuthority: true)
        var forge: CertificateForge?
        for party in [ScratchRegistry.kz, ScratchRegistry.uz] {
            let authority = try Certificate.selfSigned(request, key: authorityKey)
            let all = try registry.keys.authorities(party) + [authority]
            try registry.keys.files.replace(KeysFolder.authorityName(party), with: all.flatMap { try $0.pem() })
            forge = forge ?? CertificateForge(issuer: authority, issuerKey: authorityKey)
        }
        return try forge!.ordinary("of both parties", key.publicKey)
    }

    // MARK: What tests do with it

    func signer(_ party: String, _ number: Int = 1) -> TestSigner { ordinary[PartyID(party)!]![number - 1] }

    /// A copy of its own for a test, with the clock where it stopped.
    func copy() throws -> ScratchRegistry {
        let copy = try ScratchRegistry(parties: [])
        for folder in ["keys", "registry"] {
            try FileManager.default.copyItem(atPath: scratch.file(folder), toPath: copy.scratch.file(folder))
        }
        copy.advance(by: now - copy.now)
        return copy
    }

    /// The next registration of an agreement between KZ and UZ.
    func statement(_ id: String = "A-2", title: String = "An agreement") throws -> Statement {
        try Statement.checked(
            agreement: AgreementID(id)!, event: .agreementRegistered(ScratchRegistry.body(title: title)),
            ledger: .registry(identity), previous: nil, tree: tree)
    }

    /// A leaf made by hand, of ECDSA on P-256 unless told otherwise.
    func leaf(
        _ content: [UInt8], _ signers: [(TestSigner, SignatureScheme)], at time: Int64? = nil
    ) throws -> [UInt8] {
        HandSigning.leaf(
            content: content,
            signerInfos: try signers.map { signer, scheme in
                try HandSigning(content: content, signer: signer, scheme: scheme, signingTime: time ?? now).signerInfo()
            })
    }

    func leaf(_ content: [UInt8], _ signers: [TestSigner], at time: Int64? = nil) throws -> [UInt8] {
        try leaf(content, signers.map { ($0, .ecdsa(.sha256)) }, at: time)
    }
}
