import OpenSSLKit
import Registry

/// Good entries of keys that are made at each start, and what each input makes of them.
///
/// The first byte of an input says what the rest is: a leaf, or edits of a good one. Edits of what is signed are signed
/// anew, so that nothing but the reading stands against them.
final class FuzzBench {
    struct Signer {
        let certificate: Certificate
        let key: PrivateKey
        let scheme: SignatureScheme
    }

    private static let time: Int64 = 1_800_000_000
    private static let content = Array("{\"agreement\":\"KZ-UZ-2025-06\",\"version\":1}".utf8)

    private let signers: [Signer]
    private let leaves: [[UInt8]]
    private let store: CertificateStore
    private let referee: CMSReferee
    private let examiner: EntryExaminer
    private var runs = 0
    private var shortWays = 0

    init() throws {
        var signers: [Signer] = []
        var anchors: [Certificate] = []
        func request(_ name: String, isAuthority: Bool) -> CertificateRequest {
            CertificateRequest(
                subject: [("O", "Bitim келісім"), ("CN", name)], notBefore: Self.time - 86400,
                notAfter: Self.time + 86400, isAuthority: isAuthority)
        }
        for (party, algorithms) in [("KZ", [KeyAlgorithm.p256, .rsa(bits: 2048)]), ("UZ", [.p256, .p384])] {
            let authorityKey = try PrivateKey.generateP256()
            let authority = try Certificate.selfSigned(request(party, isAuthority: true), key: authorityKey)
            anchors.append(authority)
            for algorithm in algorithms {
                let key = try PrivateKey.generate(algorithm)
                let certificate = try Certificate.issued(
                    request("\(party) \(algorithm)", isAuthority: false), publicKey: key.publicKey, issuer: authority,
                    issuerKey: authorityKey)
                let scheme: SignatureScheme =
                    switch algorithm {
                    case .p256: .ecdsa(.sha256)
                    case .p384: .ecdsa(.sha384)
                    default: .rsaPKCS1(.sha256)
                    }
                signers.append(Signer(certificate: certificate, key: key, scheme: scheme))
            }
        }
        self.signers = signers
        leaves = try [[0, 2], [0, 3], [1, 3], [0, 1, 2, 3], [0]].map { chosen in
            try SignedData.assemble(
                chosen.map { number in
                    try SignedData(
                        derBytes: SignedData.sign(
                            Self.content, certificate: signers[number].certificate, key: signers[number].key,
                            signingTime: Self.time))
                })
        }
        store = CertificateStore(signers.map(\.certificate))
        referee = CMSReferee(
            anchors: anchors.map(\.derBytes), signers: signers.map(\.certificate.derBytes), time: Self.time)
        examiner = EntryExaminer(certificates: store)
        for leaf in leaves {
            // The first time makes the signers known.
            _ = examiner.examine(leaf[...], verifiesSignatures: true)
            let before = shortWays
            check(leaf)
            guard shortWays == before + 1 else { fatalError("a good entry goes the long way") }
        }
    }

    /// Each good entry as a leaf; and one edit of each kind, of each.
    var seeds: [[UInt8]] {
        leaves.map { [0] + $0 }
            + leaves.indices.flatMap { leaf in
                (1...4).map { kind in [UInt8(kind), UInt8(leaf), 0, 0, 3, 0, 0x31] }
            }
    }

    func run(_ input: [UInt8]) {
        runs += 1
        if runs.isMultiple(of: 1 << 16) { print("\(runs) runs, \(shortWays) the short way") }
        guard let kind = input.first else { return }
        let rest = input.dropFirst()
        guard kind % 5 > 0 else { return check(Array(rest)) }
        guard let number = rest.first else { return }
        var script = EditScript(rest.dropFirst())
        let leaf = leaves[Int(number) % leaves.count]
        switch kind % 5 {
        case 1: check(script.applied(to: leaf))
        case 2: check(reassembled(leaf) { script.edit(&$0, field: 3, inside: true) })
        case 3: check(reassembled(leaf) { script.edit(&$0, field: script.number(below: 6), inside: false) })
        default: check(reframed(leaf, &script))
        }
    }

    /// The leaf with a signer's fields edited, its attributes signed anew, and all put together as it should be.
    private func reassembled(_ leaf: [UInt8], _ edit: (inout [[UInt8]]) -> Void) -> [UInt8] {
        let outer = DERBytes.children(of: DERBytes.children(of: leaf)[1])[0]
        var infos = DERBytes.children(of: DERBytes.children(of: outer)[3])
        var fields = DERBytes.children(of: infos[0])
        let identifier = fields[1]
        let signature = fields[5]
        edit(&fields)
        if let signer = signers.first(where: {
            identifier.count > 8 && identifier.ends(with: $0.certificate.serialNumber)
        }),
            fields.count > 5, fields[5] == signature, fields[3].count > 1,
            let signed = try? signer.key.sign([0x31] + fields[3].dropFirst(), scheme: signer.scheme)
        {
            fields[5] = DERBytes.node(0x04, signed)
        }
        infos[0] = DERBytes.sequence(fields)
        infos.sort { $0.lexicographicallyPrecedes($1) }
        var frame = DERBytes.children(of: outer)
        frame[3] = DERBytes.node(0x31, infos.flatMap { $0 })
        return DERBytes.sequence([DERBytes.children(of: leaf)[0], DERBytes.node(0xA0, DERBytes.sequence(frame))])
    }

    /// The leaf with one field of the frame edited inside, and all lengths around it right.
    private func reframed(_ leaf: [UInt8], _ script: inout EditScript) -> [UInt8] {
        let outer = DERBytes.children(of: DERBytes.children(of: leaf)[1])[0]
        var frame = DERBytes.children(of: outer)
        script.edit(&frame, field: script.number(below: 4), inside: true)
        return DERBytes.sequence([DERBytes.children(of: leaf)[0], DERBytes.node(0xA0, DERBytes.sequence(frame))])
    }

    /// What the short way takes, the long one and OpenSSL take too, and they see the same.
    private func check(_ leaf: [UInt8]) {
        func require(_ condition: Bool, _ what: String) {
            guard !condition else { return }
            fatalError("\(what): \(leaf.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())")
        }
        let isExact = ExactSignedData(leaf.span) != nil
        // What is not read in place goes the long way, which is not what is looked for here.
        guard isExact || runs.isMultiple(of: 64) else { return }
        let light = examiner.read(leaf[...])
        let before = examiner.longWayCount
        let (entry, outcomes) = examiner.examine(leaf[...], verifiesSignatures: true)
        let isShort = examiner.longWayCount == before
        let slowLight = Entry(leaf: leaf, checksProfile: false)
        require(light.deviations == slowLight.deviations, "a listing sees other deviations")
        require(light.statementDigest == slowLight.statementDigest, "a listing sees another statement")
        require(light.signers.map(\.claimedTime) == slowLight.signers.map(\.claimedTime), "another claimed time")
        guard isShort else { return }
        shortWays += 1
        let slow = Entry(leaf: leaf)
        let expected = SignatureCheck.outcomes(of: slow, certificates: store)
        require(isExact, "taken, and not read in place")
        require(slow.deviations.isEmpty, "the long way has deviations: \(slow.deviations)")
        require(entry.deviations.isEmpty, "deviations on the short way")
        require(outcomes.map(fingerprint) == expected.map(fingerprint), "other outcomes")
        require(outcomes.allSatisfy { fingerprint($0) != nil } && !outcomes.isEmpty, "a signature is not valid")
        require(entry.statementDigest == slow.statementDigest, "another statement")
        require(entry.signers.map(\.claimedTime) == slow.signers.map(\.claimedTime), "another claimed time")
        require(entry.signers.map(\.scheme) == slow.signers.map(\.scheme), "another scheme")
        let content = referee.verify(leaf)
        require(content != nil, "OpenSSL refuses")
        require(content == slow.signedData?.content, "OpenSSL sees other content")
    }

    private func fingerprint(_ outcome: SignatureCheck.Outcome) -> SHA256Digest? {
        if case .valid(let certificate) = outcome { certificate.fingerprint } else { nil }
    }
}

extension [UInt8] {
    fileprivate func ends(with other: [UInt8]) -> Bool { suffix(other.count).elementsEqual(other) }
}
