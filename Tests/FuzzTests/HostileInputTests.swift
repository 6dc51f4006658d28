import Agreements
import Foundation
import FuzzProperties
import OpenSSLKit
import Registry
import Support
import Testing
import TransparencyLog

/// Inputs made to exhaust, to overflow or to deceive: each is answered at once, and none is taken.
@Suite(.hangLimit) struct HostileInputTests {
    private static func nested(_ depth: Int, _ tag: UInt8) -> [UInt8] {
        // From the inside out, without copying what is there each time.
        var headers: [[UInt8]] = []
        var length = 0
        for _ in 0..<depth {
            let header: [UInt8] =
                [tag, 0x84] + (0..<4).reversed().map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
            headers.append(header)
            length += header.count
        }
        return headers.reversed().flatMap { $0 }
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Every parser is given all of them: what is a bomb for one may be a surprise for another.
    static let bombs: [(name: String, bytes: [UInt8])] = {
        var bombs: [(String, [UInt8])] = []
        for depth in [17, 1000, 100_000] {
            bombs.append(("JSON arrays \(depth) deep", Array(repeating: UInt8(ascii: "["), count: depth)))
            bombs.append(
                (
                    "JSON objects \(depth) deep", Array(repeatElement(Array("{\"a\":".utf8), count: depth).joined())
                ))
            bombs.append(
                (
                    "a catalogue with arrays \(depth) deep",
                    text("{\"agreements\":") + Array(repeating: UInt8(ascii: "["), count: depth)
                ))
            bombs.append(("sequences \(depth) deep", nested(depth, 0x30)))
            bombs.append(("sets \(depth) deep", nested(depth, 0x31)))
            bombs.append(
                (
                    "indefinite sequences \(depth) deep",
                    Array(repeatElement([0x30, 0x80] as [UInt8], count: depth).joined())
                ))
            bombs.append(
                (
                    "indefinite octet strings \(depth) deep",
                    Array(repeatElement([0x24, 0x80] as [UInt8], count: depth).joined())
                ))
        }
        for length in [
            [0x84, 0x80, 0, 0, 0], [0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x88] + Array(repeating: 0xFF, count: 8), [0x88, 0x7F] + Array(repeating: 0xFF, count: 7),
            [0xFF] + Array(repeating: 0xFF, count: 127),
        ] as [[UInt8]] {
            for tag: UInt8 in [0x30, 0x31, 0x04, 0x02, 0xA0] {
                bombs.append(("tag \(tag), length \(length.prefix(6))", [tag] + length + [0x02, 0x01, 0x01]))
            }
        }
        let many = Array(repeatElement(DERTree.node(0x30, [0x02, 0x01, 0x01]), count: 10_000).joined())
        bombs.append(("a set of 10,000 sequences", DERTree.node(0x30, DERTree.node(0x31, many))))
        for number in ["9223372036854775807", "9223372036854775808", "18446744073709551615", "2147483648", "-1"] {
            bombs.append(("old \(number)", text("old \(number)\n\n")))
            bombs.append(
                ("a checkpoint of \(number)", text("log.example\n\(number)\n\(String(repeating: "A", count: 43))=\n")))
            bombs.append(("evidence of \(number)", text("bitim-evidence 1\nfirst \(number)\nsecond \(number)\n\n")))
            bombs.append(
                ("check-entries of \(number)", text("check-entries 1\ncertificates \(number)\nentries \(number)\n\n")))
            bombs.append(("a proof of \(number)", text("c2sp.org/tlog-proof@v1\nindex \(number)\n\n")))
            bombs.append(("a tile of \(number)", text("tile/\(number)/\(number).p/\(number)")))
            bombs.append(("JSON of \(number)", text("{\"version\":\(number)}")))
        }
        let name = String(repeating: "n", count: 1 << 20)
        bombs.append(("a name of 1 MB", text("log \(name)+00000000+AQ==\nquorum none\n")))
        bombs.append(("a note with a name of 1 MB", text("text\n\n— \(name) AAAAAAAA\n")))
        bombs.append(("a title of 1 MB", text("{\"agreements\":[{\"id\":\"A\",\"title\":{\"en\":\"\(name)\"}}]}")))
        bombs.append(("10,000 signatures", text("text\n\n" + String(repeating: "— a.b AAAAAAAA\n", count: 10_000))))
        bombs.append(("100,000 groups", text((0..<100_000).map { "group g\($0) all g\($0)\n" }.joined())))
        for (name, bytes) in [
            ("a NUL", [0]), ("half a character", [0xC3]), ("an overlong slash", [0xC0, 0xAF]),
            ("a surrogate", [0xED, 0xA0, 0x80]), ("beyond Unicode", [0xF4, 0x90, 0x80, 0x80]), ("0xFF", [0xFF, 0xFE]),
        ] as [(String, [UInt8])] {
            bombs.append(("\(name) alone", bytes))
            bombs.append(("\(name) in JSON", text("{\"a\":\"") + bytes + text("\"}")))
            bombs.append(("\(name) in a note", text("log") + bytes + text("\n1\n\n— a.b AAAAAAAA\n")))
            bombs.append(("\(name) in a catalogue", text("{\"agreements\":[{\"id\":\"") + bytes + text("\"}]}")))
        }
        bombs.append(("nothing", []))
        bombs.append(("2 MB of zeros", Array(repeating: 0, count: 2 << 20)))
        bombs.append(("2 MB of spaces", Array(repeating: 0x20, count: 2 << 20)))
        return bombs
    }()

    @Test(arguments: ParserProperty.all.map(\.name))
    func `No input made to exhaust or to overflow is taken, and each is answered`(name: String) throws {
        let property = try #require(ParserProperty.named(name))
        for (bomb, bytes) in Self.bombs {
            let isTaken = try property.check(bytes)
            // An empty catalogue or report, or JSON that says nothing, is JSON all the same.
            let mayBeTaken =
                ["json", "bundle"].contains(name)
                // A tree may be as large as a number can say.
                || name == "checkpoint" && ["9223372036854775807", "2147483648"].contains { bomb.hasSuffix($0) }
            #expect(!isTaken || mayBeTaken, "\(name): \(bomb)")
        }
    }

    /// What a terminal would act upon, or a reader be deceived by, in a title of a statement.
    static let deceits = [
        "\u{1B}[31mred", "\u{1B}]0;title\u{07}", "\u{9B}31m", "a\u{202E}b", "a\u{2066}b", "a\u{200F}b", "a\u{0}b",
        "a\rb",
        "a\nb", "a\u{7F}b", "a\u{FFFE}b", "a\u{FEFF}b", "a\u{200B}b", "\u{061C}a", "a\u{2028}b",
    ]

    @Test(arguments: deceits)
    func `What a terminal acts upon stands in no title`(title: String) {
        let digest = ContentDigest.of([])
        let body = ScratchRegistry.body(title: title)
        let statement = try? Statement.checked(
            agreement: AgreementID("A-1")!, event: .agreementRegistered(body), ledger: .registry(digest), previous: nil,
            tree: TreeReference(root: digest, size: 1))
        let isInvisibleOnly = ["\u{200B}", "\u{FEFF}"].contains { title.contains($0) }
        #expect(statement == nil || isInvisibleOnly, "\(title.debugDescription)")
    }
}
