import Foundation
import OpenSSLKit
import Registry
import Support
import Testing

/// The short way of `EntryExaminer` against the long one and against OpenSSL: what it takes, both take.
@Suite struct ExactProfileTests {
    /// All kinds of keys that the short way knows.
    private static let three = Result {
        let (kz, uz) = (try TestAuthority("KZ"), try TestAuthority("UZ", key: .generateP384()))
        let tool = OpenSSLTool()
        return try DifferentialTests.Bench(
            [
                kz.signer("P-256"), uz.signer("P-384", key: .generateP384()),
                kz.signer("RSA", key: tool.key("RSA", "rsa_keygen_bits:2048")),
            ], anchors: [kz.certificate, uz.certificate])
    }

    private static let benches = [DifferentialTests.two, three]

    private func comparison(_ bench: DifferentialTests.Bench) -> EntryComparison {
        EntryComparison(certificates: bench.store, known: [bench.leaf])
    }

    private func expectSame(
        _ leaf: [UInt8], _ comparison: EntryComparison, _ bench: DifferentialTests.Bench, _ what: String
    ) {
        let differences = comparison.differences(leaf)
        #expect(differences.isEmpty, "\(what): \(differences)")
        if comparison.isShort { #expect(bench.referee.verify(leaf) == bench.content, "\(what): OpenSSL refuses") }
    }

    @Test func `A good entry of known signers goes the short way`() throws {
        for bench in Self.benches {
            let bench = try bench.get()
            let comparison = comparison(bench)
            expectSame(bench.leaf, comparison, bench, "the leaf")
            #expect(comparison.isShort)
        }
    }

    @Test func `A signer who is new goes the long way once`() throws {
        let bench = try DifferentialTests.two.get()
        let examiner = EntryExaminer(certificates: bench.store)
        for count in [2, 2, 2] {
            let (entry, outcomes) = examiner.examine(bench.leaf[...], verifiesSignatures: true)
            #expect(entry.deviations.isEmpty)
            #expect(outcomes.count == 2)
            #expect(examiner.longWayCount == count)
        }
        // A signature that goes wrong is no reason to forget who made the good ones.
        var altered = bench.leaf
        altered[altered.count - 1] ^= 1
        _ = examiner.examine(altered[...], verifiesSignatures: true)
        #expect(examiner.longWayCount == 3)
        _ = examiner.examine(bench.leaf[...], verifiesSignatures: true)
        #expect(examiner.longWayCount == 3)
    }

    @Test func `Nothing is taken the short way without the certificate`() throws {
        let bench = try DifferentialTests.two.get()
        let comparison = EntryComparison(
            certificates: CertificateStore([bench.certificates[0]]), known: [bench.leaf, bench.leaf])
        #expect(comparison.differences(bench.leaf).isEmpty)
        #expect(!comparison.isShort)
        #expect(EntryComparison(certificates: CertificateStore(), known: []).differences(bench.leaf).isEmpty)
    }

    @Test func `An entry with an RSA-PSS signature goes the long way`() throws {
        let bench = try DifferentialTests.mixed.get()
        let comparison = comparison(bench)
        expectSame(bench.leaf, comparison, bench, "the leaf")
        #expect(!comparison.isShort)
    }

    @Test(arguments: 0..<8)
    func `Every byte of an entry changed leads to the same on both ways`(_ part: Int) throws {
        for bench in Self.benches {
            let bench = try bench.get()
            let comparison = comparison(bench)
            for position in stride(from: part, to: bench.leaf.count, by: 8) {
                let changes: [UInt8] =
                    Campaign.isWhole ? [1, 2, 4, 8, 16, 32, 64, 128, 255] : [1 << UInt8(position / 8 % 8)]
                for change in changes {
                    var altered = bench.leaf
                    altered[position] ^= change
                    expectSame(altered, comparison, bench, "byte \(position) by \(change)")
                    #expect(!comparison.isShort, "byte \(position) by \(change)")
                }
            }
        }
    }

    @Test(arguments: 0..<4)
    func `An entry cut off anywhere leads to the same on both ways`(_ part: Int) throws {
        let bench = try DifferentialTests.two.get()
        let comparison = comparison(bench)
        for count in stride(from: part, to: bench.leaf.count, by: Campaign.isWhole ? 4 : 12) {
            expectSame(Array(bench.leaf.prefix(count)), comparison, bench, "\(count) bytes")
            #expect(!comparison.isShort)
        }
    }

    /// Every value of the entry under every other spelling of its length that somebody may think of.
    @Test(arguments: 0..<4)
    func `A length spelt otherwise leads to the same on both ways`(_ part: Int) throws {
        let bench = try DifferentialTests.two.get()
        let comparison = comparison(bench)
        let headers = DERBytes.headers(in: bench.leaf)
        #expect(headers.count > 60)
        for (number, header) in headers.enumerated() where number % 4 == part {
            for length in DERBytes.otherLengths(header.count) {
                var altered = bench.leaf
                altered.replaceSubrange(header.length, with: length)
                expectSame(altered, comparison, bench, "length \(length) at \(header.length.lowerBound)")
                #expect(!comparison.isShort, "length \(length) at \(header.length.lowerBound)")
            }
        }
    }

    /// The frame around good signatures is nobody's word: whoever carries the entry can write it.
    @Test func `A frame put together otherwise leads to the same on both ways`() throws {
        let bench = try Self.three.get()
        let comparison = comparison(bench)
        let outer = DERBytes.children(of: DERBytes.children(of: bench.leaf)[1])[0]
        let fields = DERBytes.children(of: outer)
        let signers = DERBytes.children(of: fields[3])
        let digests = DERBytes.children(of: fields[1])
        #expect(digests.count == 2)
        let type = DERBytes.children(of: bench.leaf)[0]
        func leaf(
            version: [UInt8] = fields[0], digests: [[UInt8]] = digests, content: [UInt8] = fields[2],
            more: [[UInt8]] = [], signers: [[UInt8]] = signers, after: [[UInt8]] = []
        ) -> [UInt8] {
            let inner = DERBytes.sequence(
                [version, DERBytes.node(0x31, digests.flatMap { $0 }), content] + more
                    + [DERBytes.node(0x31, signers.flatMap { $0 })] + after)
            return DERBytes.sequence([type, DERBytes.node(0xA0, inner)])
        }
        #expect(leaf() == bench.leaf)
        let null: [UInt8] = [0x05, 0x00]
        let sha512 = DERBytes.sequence([[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03]])
        let withNull = DERBytes.sequence([DERBytes.children(of: digests[0])[0], null])
        let data = DERBytes.children(of: fields[2])[0]
        let variants: [(String, [UInt8])] = [
            ("version 3", leaf(version: [0x02, 0x01, 0x03])), ("version 1 padded", leaf(version: [0x02, 0x02, 0, 1])),
            ("version -1", leaf(version: [0x02, 0x01, 0xFF])), ("empty version", leaf(version: [0x02, 0x00])),
            ("no digests", leaf(digests: [])), ("one digest", leaf(digests: [digests[0]])),
            ("digests turned round", leaf(digests: digests.reversed())),
            ("a digest twice", leaf(digests: [digests[0], digests[0], digests[1]])),
            ("a digest too many", leaf(digests: digests + [sha512])),
            ("a digest with NULL", leaf(digests: [digests[1], withNull])),
            ("a digest also with NULL", leaf(digests: digests + [withNull])),
            ("detached", leaf(content: DERBytes.sequence([data]))),
            ("empty content", leaf(content: DERBytes.sequence([data, DERBytes.node(0xA0, [0x04, 0x00])]))),
            ("two contents", leaf(content: DERBytes.sequence([data, DERBytes.node(0xA0, [4, 1, 65, 4, 1, 66])]))),
            ("no signer", leaf(signers: [])), ("one signer", leaf(digests: [digests[0]], signers: [signers[0]])),
            ("signers turned round", leaf(signers: signers.reversed())),
            ("a signer twice", leaf(signers: [signers[0], signers[0], signers[1], signers[2]])),
            ("certificates", leaf(more: [DERBytes.node(0xA0, bench.certificates[0].derBytes)])),
            ("no certificates in their field", leaf(more: [DERBytes.node(0xA0, [])])),
            ("revocation lists", leaf(more: [DERBytes.node(0xA1, [])])), ("a field more", leaf(after: [null])),
            ("bytes after", bench.leaf + [0]), ("twice", bench.leaf + bench.leaf), ("nothing", []),
        ]
        for (what, variant) in variants {
            expectSame(variant, comparison, bench, what)
            // One signer alone is an entry, if not the same: all others are none.
            #expect(comparison.isShort == (what == "one signer"), "\(what)")
        }
    }

    /// Nobody signs the signature algorithm, the digest algorithm outside, or the ECDSA signature's own spelling.
    @Test func `A signer put together otherwise leads to the same on both ways`() throws {
        let bench = try DifferentialTests.two.get()
        let comparison = comparison(bench)
        let outer = DERBytes.children(of: DERBytes.children(of: bench.leaf)[1])[0]
        let signers = DERBytes.children(of: DERBytes.children(of: outer)[3])
        func leaf(_ edit: (inout [[UInt8]]) -> Void) -> [UInt8] {
            var fields = DERBytes.children(of: signers[0])
            edit(&fields)
            let edited = [DERBytes.sequence(fields), signers[1]].sorted { $0.lexicographicallyPrecedes($1) }
            return DERBytes.signedData(content: bench.content, signers: edited)
        }
        #expect(leaf { _ in } == bench.leaf)
        let null: [UInt8] = [0x05, 0x00]
        let algorithm = DERBytes.children(of: signers[0])[4]
        let attributes = DERBytes.children(of: DERBytes.children(of: signers[0])[3])
        let identifier = DERBytes.children(of: DERBytes.children(of: signers[0])[1])
        let serial = Array(identifier[1].dropFirst(2))
        let pair = DERBytes.children(of: Array(DERBytes.children(of: signers[0])[5].dropFirst(2)))
        let integers = pair.map { Array($0.dropFirst(2)) }
        func signature(_ r: [UInt8], _ s: [UInt8], after: [UInt8] = []) -> [UInt8] {
            DERBytes.node(0x04, DERBytes.sequence([DERBytes.node(0x02, r), DERBytes.node(0x02, s)]) + after)
        }
        func with(attributes: [[UInt8]]) -> [UInt8] {
            leaf { $0[3] = DERBytes.node(0xA0, attributes.flatMap { $0 }) }
        }
        func with(serial: [UInt8]) -> [UInt8] {
            leaf { $0[1] = DERBytes.sequence([identifier[0], DERBytes.node(0x02, serial)]) }
        }
        let oid = DERBytes.children(of: algorithm)[0]
        let variants: [(String, [UInt8])] = [
            ("version 3", leaf { $0[0] = [0x02, 0x01, 0x03] }),
            ("a key identifier", leaf { $0[1] = DERBytes.node(0x80, [UInt8](repeating: 7, count: 20)) }),
            ("SHA-1", leaf { $0[2] = DERBytes.sequence([[0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A]]) }),
            ("a digest with NULL", leaf { $0[2] = DERBytes.sequence([DERBytes.children(of: $0[2])[0], null]) }),
            (
                "a digest of a longer identifier",
                leaf {
                    $0[2][3] += 1; $0[2][1] += 1; $0[2].append(0x01)
                }
            ),
            (
                "an identifier that is not minimal",
                leaf { $0[4] = DERBytes.sequence([[6, 9, 0x80] + oid.dropFirst(2)]) }
            ),
            ("ECDSA with NULL", leaf { $0[4] = DERBytes.sequence([oid, null]) }),
            ("ECDSA with SHA-384", leaf { $0[4][$0[4].count - 1] = 3 }),
            ("ECDSA with SHA-1", leaf { $0[4] = DERBytes.sequence([[6, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 1]]) }),
            ("RSA", leaf { $0[4] = DERBytes.sequence([[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1], null]) }),
            ("a serial number padded", with(serial: [0] + serial)),
            ("a serial number below zero", with(serial: [0xFF] + serial)),
            ("an empty serial number", with(serial: [])), ("another serial number", with(serial: serial + [1])),
            ("attributes turned round", with(attributes: attributes.reversed())),
            ("an attribute twice", with(attributes: [attributes[0]] + attributes)),
            ("an attribute less", with(attributes: attributes.dropLast())),
            ("no attribute", with(attributes: [])), ("no attributes", leaf { $0.remove(at: 3) }),
            ("unsigned attributes", leaf { $0.append(DERBytes.node(0xA1, [])) }),
            ("a signature with a byte after it", leaf { $0[5] = signature(integers[0], integers[1], after: [0]) }),
            ("a padded r", leaf { $0[5] = signature([0] + integers[0], integers[1]) }),
            ("a padded s", leaf { $0[5] = signature(integers[0], [0, 0] + integers[1]) }),
            ("a negative r", leaf { $0[5] = signature([0xFF] + integers[0], integers[1]) }),
            ("r and s changed over", leaf { $0[5] = signature(integers[1], integers[0]) }),
            ("zeros", leaf { $0[5] = signature([0], [0]) }),
            ("an empty r", leaf { $0[5] = signature([], integers[1]) }),
            ("an empty signature", leaf { $0[5] = [0x04, 0x00] }),
            ("a signature in the long form", leaf { $0[5] = DERBytes.node(0x04, [0x30, 0x81] + $0[5].dropFirst(3)) }),
            ("a signature as a string of bits", leaf { $0[5][0] = 0x03 }),
            ("a signature in pieces", leaf { $0[5] = DERBytes.node(0x24, $0[5]) }),
        ]
        for (what, variant) in variants {
            expectSame(variant, comparison, bench, what)
            // The encoding of the digest's identifier is nobody's, as long as both places agree.
            if what != "a digest with NULL" { #expect(!comparison.isShort, "\(what)") }
        }
    }
}
