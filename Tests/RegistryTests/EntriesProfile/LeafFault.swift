import Agreements
import OpenSSLKit
import Testing

/// What a fault is made of: a leaf of two P-256 signers, and the keys that made it.
struct GoodLeaf {
    let content: [UInt8]
    let kz: TestSigner
    let uz: TestSigner
    let tree: LeafTree
    /// POSIX seconds.
    let now: Int64

    init(_ crowded: CrowdedRegistry, title: String = "An agreement") throws {
        content = try crowded.statement(title: title).canonicalBytes
        kz = crowded.signer("KZ")
        uz = crowded.signer("UZ")
        now = crowded.now
        tree = LeafTree(try crowded.leaf(content, [kz, uz]))
    }

    /// A leaf that has KZ's SignerInfo otherwise.
    func alteringKZ(_ edit: (inout SignerTree) throws -> Void) throws -> [UInt8] {
        var altered = tree
        let identifier = HandSigning.identifier(of: kz.certificate)
        let position = try #require(altered.signers.firstIndex { $0.identifier == identifier })
        try edit(&altered.signers[position])
        altered.sortSigners()
        return altered.bytes
    }

    /// A leaf with KZ's signed attributes otherwise, and properly signed so: only the profile is broken.
    func resigningKZ(sorted: Bool = true, _ edit: (inout [DERNode]) throws -> Void) throws -> [UInt8] {
        try alteringKZ { signer in
            try edit(&signer.attributes)
            if sorted { signer.attributes = DERNode.inDEROrder(signer.attributes) }
            signer = try HandSigning.signed(signer, key: kz.key)
        }
    }

    func resigningKZ(without type: DERNode) throws -> [UInt8] {
        try resigningKZ { $0.removeAll { $0[0] == type } }
    }

    func resigningKZ(_ type: DERNode, as value: DERNode) throws -> [UInt8] {
        try resigningKZ { attributes in
            let position = try #require(attributes.firstIndex { $0[0] == type })
            attributes[position] = HandSigning.attribute(type, value)
        }
    }

    func altering(_ edit: (inout LeafTree) throws -> Void) rethrows -> [UInt8] {
        var altered = tree
        try edit(&altered)
        return altered.bytes
    }
}

/// One departure from the exact profile of a leaf (DESIGN.md, 3).
struct LeafFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let refusal: Refusal
    /// Whether the profile alone refuses it: signatures, signers and statement are as they should be.
    let alone: Bool
    let make: @Sendable (GoodLeaf) throws -> [UInt8]

    /// The profile alone is broken.
    init(_ description: String, _ saying: String, _ make: @escaping @Sendable (GoodLeaf) throws -> [UInt8]) {
        self.init(description, Refusal("entry.profile", saying), alone: true, make)
    }

    init(
        _ description: String, _ refusal: Refusal, alone: Bool = false,
        _ make: @escaping @Sendable (GoodLeaf) throws -> [UInt8]
    ) {
        testDescription = description
        self.refusal = refusal
        self.alone = alone
        self.make = make
    }
}
