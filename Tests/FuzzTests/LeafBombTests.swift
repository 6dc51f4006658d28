import Foundation
import FuzzProperties
import Support
import Testing

/// Bombs that are good signatures but for one thing: what reads them gets to where it is.
@Suite(.hangLimit) struct LeafBombTests {
    private static let readers = ["entry", "signature"]

    /// The first input of the corpus that the parser takes and that is DER.
    private static func good(_ name: String, _ property: ParserProperty) throws -> DERTree {
        let folder = PackageRoot.file("Fuzz/Corpus/\(name)")
        for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where file.hasPrefix("seed-") {
            let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
            // Of 0x30 0x80 the length is indefinite: that is BER.
            if bytes.starts(with: [0x30]), bytes[1] != 0x80, try property.check(bytes) { return DERTree(bytes) }
        }
        throw CocoaError(.fileNoSuchFile)
    }

    /// ContentInfo { id-signedData, [0] SignedData { version, digestAlgorithms, content, …, signerInfos } }
    private static func signers(_ leaf: DERTree) -> [DERTree] { leaf.children[1].children[0].children.last!.children }

    private static func leaf(_ leaf: DERTree, signers: [DERTree]) -> [UInt8] {
        var leaf = leaf
        let last = leaf.children[1].children[0].children.count - 1
        leaf.children[1].children[0].children[last].children = signers
        return leaf.encoded()
    }

    /// The same signer under another serial number: in this order they stand in the order of DER.
    private static func signer(_ signer: DERTree, numbered number: Int) -> DERTree {
        var signer = signer
        let octets = (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        signer.children[1].children[1].content = [0x40] + octets
        return signer
    }

    @Test(arguments: readers)
    func `A good leaf with thousands of signers is refused`(name: String) throws {
        let property = try #require(ParserProperty.named(name))
        let good = try Self.good(name, property)
        #expect(try property.check(good.encoded()))
        let signer = try #require(Self.signers(good).first)
        let empty = DERTree(DERTree.node(0x30, [0x02, 0x01, 0x01]))
        // A signature that is taken over may have 1 MB: as many as that holds are not refused for their bytes alone.
        let fitting = 1_000_000 / signer.encoded().count
        for count in [17, fitting, 10_000] {
            let bombs = [
                ("the same", Array(repeating: signer, count: count)),
                ("another one", (0..<count).map { Self.signer(signer, numbered: $0) }),
                ("nothing", Array(repeating: empty, count: count)),
            ]
            for (what, signers) in bombs {
                let bytes = Self.leaf(good, signers: signers)
                #expect(try !property.check(bytes), "\(count) times \(what)")
            }
        }
    }

    private static let lengths: [[UInt8]] = [
        // 2^31 - 1, 2^31, 2^32 - 1
        [0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x84, 0x80, 0, 0, 0], [0x84, 0xFF, 0xFF, 0xFF, 0xFF],
        // 2^63 - 1, 2^63, 2^64 - 1
        [0x88, 0x7F] + Array(repeating: 0xFF, count: 7), [0x88, 0x80] + Array(repeating: 0, count: 7),
        [0x88] + Array(repeating: 0xFF, count: 8),
        // Of 127 octets, and of a form that is reserved.
        [0xFF] + Array(repeating: 0xFF, count: 127), [0xFF],
    ]

    @Test(arguments: readers)
    func `A length that no input has is refused at every node of a good leaf`(name: String) throws {
        let property = try #require(ParserProperty.named(name))
        let good = try Self.good(name, property)
        #expect(good.nodeCount > 30)
        for node in 0..<good.nodeCount {
            for length in Self.lengths {
                let isTaken = try property.check(good.encoded(lie: (node, length)))
                #expect(!isTaken, "node \(node), length \(length.prefix(9))")
            }
        }
    }
}
