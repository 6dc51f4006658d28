import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// The wrapper of a statement can be varied without any key, and by its signers at will: the event stays the same one,
/// and stands in a ledger once.
@Suite struct SecondLeafTests {
    enum Variation: CaseIterable, Sendable {
        case theSame
        case unsignedAttribute
        case emptyUnsignedAttributes
        case otherRoot
        case otherRoots
        case otherOrder
        case digestWithNull
        case certificatesInside
        case signedAnew
        case signedAtAnotherTime
        case signedByTheSpares
        /// What anyone can make of a published entry, who has no key and nothing to gain but confusion.
        case signatureRemoved
        case signaturesDamaged

        /// Whether the leaf itself is one of the profile, well signed, so that only its repetition is against it.
        var isSound: Bool {
            switch self {
            case .theSame, .otherRoot, .otherRoots, .digestWithNull, .signedAnew, .signedAtAnotherTime,
                .signedByTheSpares:
                true
            case .unsignedAttribute, .emptyUnsignedAttributes, .otherOrder, .certificatesInside, .signatureRemoved,
                .signaturesDamaged:
                false
            }
        }

        func leaf(of original: [UInt8], content: [UInt8], _ crowded: CrowdedRegistry, parties: [String]) throws
            -> [UInt8]
        {
            var tree = LeafTree(original)
            switch self {
            case .theSame: break
            case .unsignedAttribute:
                let token = HandSigning.attribute(OID.timeStampToken, .sequence([.integer([1])]))
                tree.signers[0].node.children.append(.context(1, [token]))
                tree.sortSigners()
            case .emptyUnsignedAttributes:
                tree.signers[0].node.children.append(.context(1, []))
                tree.sortSigners()
            case .otherRoot:
                tree.signers[0].signature = P256Order.otherRoot(of: tree.signers[0].signature)
                tree.sortSigners()
            case .otherRoots:
                for position in tree.signers.indices {
                    tree.signers[position].signature = P256Order.otherRoot(of: tree.signers[position].signature)
                }
                tree.sortSigners()
            case .otherOrder:
                tree.signers = tree.signers.reversed()
            case .digestWithNull:
                tree.digestAlgorithms = [.sequence([OID.sha256, .null])]
                for position in tree.signers.indices {
                    tree.signers[position].digestAlgorithm = .sequence([OID.sha256, .null])
                }
                tree.sortSigners()
            case .certificatesInside:
                return try SignedData.embed(parties.map { crowded.signer($0).certificate }, in: original)
            case .signedAnew:
                return try crowded.leaf(content, parties.map { crowded.signer($0) }, at: crowded.now)
            case .signedAtAnotherTime:
                return try crowded.leaf(content, parties.map { crowded.signer($0) }, at: crowded.now - 1)
            case .signedByTheSpares:
                return try crowded.leaf(content, parties.map { crowded.signer($0, 2) })
            case .signatureRemoved:
                tree.signers.removeLast()
            case .signaturesDamaged:
                tree.signers[0].signature[10] ^= 1
            }
            return tree.bytes
        }
    }

    /// Refused for more than one reason: the id is used, too.
    @Test(arguments: Variation.allCases)
    func `A registration stands in a ledger once`(_ variation: Variation) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let parties = ["KZ", "UZ"]
        let original = try crowded.leaf(content, parties.map { crowded.signer($0) })
        let second = try variation.leaf(of: original, content: content, crowded, parties: parties)
        try await check(original, second, variation, crowded)
    }

    /// A note does not advance `previous`, and an agreement may have many: here repetition is the only reason.
    @Test(arguments: Variation.allCases.filter { $0 != .otherOrder })
    func `A note stands in a ledger once`(_ variation: Variation) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let note = AgreementNoted(party: ScratchRegistry.kz, kind: .declaration, notes: "A note")
        let content = try await crowded.copy().registrar()
            .statement(of: .agreementNoted(note), agreement: AgreementID(CrowdedRegistry.agreement)!).canonicalBytes
        let original = try crowded.leaf(content, [crowded.signer("KZ")])
        let second = try variation.leaf(of: original, content: content, crowded, parties: ["KZ"])
        let report = try await check(original, second, variation, crowded)
        guard variation.isSound else { return }
        #expect(report.findings.map(\.key) == ["statement.duplicate"])
        #expect(report.findings.map(\.entry) == [3])
        #expect(report.findings.first?.actual == "entry 2")
    }

    @discardableResult
    private func check(
        _ original: [UInt8], _ second: [UInt8], _ variation: Variation, _ crowded: CrowdedRegistry
    ) async throws -> AuditReport {
        let isSame = variation == .theSame
        #expect((original == second) == isSame, "the variation is idle")
        let registry = try crowded.copy()
        try await addTwice(original, second, registry)
        try await expectKnown(second, as: Entry(leaf: original).leafHash, registry)
        #expect(try await registry.audit().verdict == .passed)
        try await registry.putByHand([second])
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(
            report.findings.contains {
                $0.key == "statement.duplicate" && $0.entry == 3 && $0.message.contains("already, as entry 2")
            }, "\(report.findings.map { "\($0.entry ?? -1) \($0.key)" })")
        if !variation.isSound { #expect(report.findings.contains { $0.entry == 3 && $0.key != "statement.duplicate" }) }
        return report
    }

    /// Before it is committed.
    private func addTwice(_ original: [UInt8], _ second: [UInt8], _ registry: ScratchRegistry) async throws {
        let registrar = try await registry.registrar()
        let first = try registrar.queue(leaf: original, documents: [:])
        #expect(first.index == 2)
        #expect(!first.wasThere)
        let again = try registrar.queue(leaf: second, documents: [:])
        #expect(again.index == 2)
        #expect(again.wasThere)
        #expect(again.leafHash == first.leafHash, "the leaf that the ledger has, not the one that was given")
        _ = try await registrar.commit()
    }

    /// After it was committed, as another process finds it.
    private func expectKnown(_ second: [UInt8], as leafHash: SHA256Digest, _ registry: ScratchRegistry) async throws {
        let registrar = try await registry.registrar()
        let known = try registrar.queue(leaf: second, documents: [:])
        #expect(known.index == 2)
        #expect(known.wasThere)
        #expect(known.leafHash == ContentDigest(leafHash))
        guard case .published(let head) = try await registrar.commit() else {
            Issue.record("something is pending")
            return
        }
        #expect(head.size == 3)
    }

    /// The arithmetic of these tests: both roots verify, and twice the other root is the first.
    @Test func `Both roots of an ECDSA signature verify`() throws {
        let key = try PrivateKey.generateP256()
        for message in [[UInt8]("a".utf8), [UInt8]("b".utf8), [UInt8]("c".utf8)] {
            let signature = try key.sign(message, scheme: .ecdsa(.sha256))
            let other = P256Order.otherRoot(of: signature)
            #expect(other != signature)
            #expect(key.publicKey.isValid(signature: other, for: message, scheme: .ecdsa(.sha256)))
            #expect(P256Order.otherRoot(of: other) == signature)
        }
    }

    /// One that failed keeps its statement: the same one signed well does not repair a ledger.
    @Test func `A statement of a failed entry is not free again`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes
        let bad = try crowded.leaf(content, [crowded.signer("KZ")])
        let good = try crowded.leaf(content, [crowded.signer("KZ"), crowded.signer("UZ")])
        let registry = try crowded.copy()
        try await registry.putByHand([bad])
        try await registry.putByHand([good])
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.filter { $0.entry == 2 }.map(\.key) == ["entry.signers.missing"])
        #expect(report.findings.filter { $0.entry == 3 }.map(\.key) == ["statement.duplicate"])
    }
}

/// The order of P-256 (SEC 2, 2.4.2), and the one sum that is done with it.
enum P256Order {
    private static let octets = DERNode.bytes(
        hex: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")

    /// (r, n - s) is a signature as good as (r, s): anyone can compute it.
    static func otherRoot(of signature: [UInt8]) -> [UInt8] {
        var pair = DERNode(signature)
        pair[1].octets = minimal(subtract(padded(pair[1].octets)))
        return pair.encoded
    }

    private static func padded(_ integer: [UInt8]) -> [UInt8] {
        let magnitude = integer.drop { $0 == 0 }
        return [UInt8](repeating: 0, count: octets.count - magnitude.count) + magnitude
    }

    private static func subtract(_ value: [UInt8]) -> [UInt8] {
        var result = octets
        var borrow = 0
        for position in result.indices.reversed() {
            let difference = Int(octets[position]) - Int(value[position]) - borrow
            borrow = difference < 0 ? 1 : 0
            result[position] = UInt8(difference & 0xFF)
        }
        return result
    }

    /// As a positive INTEGER.
    private static func minimal(_ magnitude: [UInt8]) -> [UInt8] {
        let stripped = Array(magnitude.drop { $0 == 0 })
        return (stripped.first ?? 0xFF) >= 0x80 ? [0] + stripped : stripped
    }
}
