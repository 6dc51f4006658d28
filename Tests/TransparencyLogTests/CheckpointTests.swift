import OpenSSLKit
import Testing
import TransparencyLog

@Suite("Checkpoints and cosignatures")
struct CheckpointTests {
    private static let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    private static let example = lines("example.com/behind-the-sofa", "20852163", root)

    @Test("The specification's checkpoint is printed as it was read")
    func roundTrip() throws {
        let checkpoint = try Checkpoint(parsing: Self.example)
        #expect(checkpoint.origin == "example.com/behind-the-sofa")
        #expect(checkpoint.size == 20_852_163)
        #expect(Array(Self.root.utf8) == Base64.encode(checkpoint.root.bytes))
        #expect(checkpoint.extensionLines.isEmpty)
        #expect(checkpoint.bytes == Self.example)
    }

    @Test("Extension lines are kept for the caller to judge")
    func extensionLines() throws {
        let text = Self.example + lines("one", " two ")
        let checkpoint = try Checkpoint(parsing: text)
        #expect(checkpoint.extensionLines == ["one", " two "])
        #expect(checkpoint.bytes == text)
    }

    @Test("An empty tree has the empty root, and no other")
    func emptyTree() throws {
        let empty = lines("o", "0", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
        #expect(try Checkpoint(parsing: empty).bytes == empty)
        #expect(throws: CheckpointError.badEmptyRoot) { try Checkpoint(parsing: lines("o", "0", Self.root)) }
    }

    @Test("The largest size is 2^63 - 1")
    func largest() throws {
        #expect(try Checkpoint(parsing: lines("o", "9223372036854775807", Self.root)).size == .max)
        #expect(throws: CheckpointError.badSize) {
            try Checkpoint(parsing: lines("o", "9223372036854775808", Self.root))
        }
    }

    @Test(
        "A size with leading zeros is refused",
        arguments: ["00", "01", "020852163", "0x10", "+1", "-1", " 1", "1 ", ""]
    )
    func badSize(size: String) {
        #expect(throws: CheckpointError.badSize) { try Checkpoint(parsing: lines("o", size, Self.root)) }
    }

    @Test(
        "A root that is not 32 bytes is refused",
        arguments: [
            "", "AA==", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA",
            "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I",
            " CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        ]
    )
    func badRoot(root: String) {
        #expect(throws: CheckpointError.badRoot) { try Checkpoint(parsing: lines("o", "1", root)) }
    }

    @Test(
        "A text that is no checkpoint is refused, and the reason named",
        arguments: [
            ([], .noFinalNewline), (lines("o"), .tooFewLines), (lines("o", "1"), .tooFewLines),
            (lines("", "1", root), .badOrigin), (lines("a\tb", "1", root), .badOrigin),
            (Array("o\n1\n\(root)".utf8), .noFinalNewline), (lines("o", "1\r", root), .badSize),
            (lines("o\r", "1", root), .badOrigin), (lines("o", "1", root + "\r"), .badRoot),
            (lines("o", "1", root, ""), .badExtensionLine), (lines("o", "1", root, "a", "", "b"), .badExtensionLine),
            (lines("o", "1", root, "a\r"), .badExtensionLine), ([0xFF] + lines("", "1", root), .badOrigin),
        ] as [([UInt8], CheckpointError)]
    )
    func refused(text: [UInt8], error: CheckpointError) {
        #expect(throws: error) { try Checkpoint(parsing: text) }
    }

    @Test("A checkpoint that would not be read back as it was meant is not made")
    func making() {
        let root = MerkleTree.leafHash([])
        #expect(throws: CheckpointError.badOrigin) { try Checkpoint(origin: "a\nb", size: 1, root: root) }
        #expect(throws: CheckpointError.badOrigin) { try Checkpoint(origin: "", size: 1, root: root) }
        #expect(throws: CheckpointError.badSize) { try Checkpoint(origin: "a", size: -1, root: root) }
        #expect(throws: CheckpointError.badEmptyRoot) { try Checkpoint(origin: "a", size: 0, root: root) }
        #expect(throws: CheckpointError.badExtensionLine) {
            try Checkpoint(origin: "a", size: 1, root: root, extensionLines: ["b\n"])
        }
    }

    @Test("The cosignature of the specification's example has the time of its signed message")
    func exampleCosignature() throws {
        let note = try SignedNote(parsing: SignedNoteTests.examples[2])
        let cosignature = try #require(Cosignature(parsing: note.signatures[1].bytes))
        #expect(cosignature.time == 1_679_315_147)
        #expect(cosignature.bytes == note.signatures[1].bytes)
        #expect(
            Cosignature.message(checkpointText: note.text, time: cosignature.time)
                == lines("cosignature/v1", "time 1679315147") + Self.example
        )
    }

    @Test("A cosignature is valid for its text, time and key only")
    func cosignature() throws {
        let key = try PrivateKey.generateEd25519()
        let other = try PrivateKey.generateEd25519()
        let cosignature = try Cosignature.sign(checkpointText: Self.example, key: key, time: 1_700_000_000)
        #expect(Cosignature(parsing: cosignature.bytes) == cosignature)
        #expect(cosignature.isValid(for: Self.example, by: key.publicKey))
        #expect(!cosignature.isValid(for: Self.example, by: other.publicKey))
        #expect(!cosignature.isValid(for: Self.example + lines("x"), by: key.publicKey))
        for position in cosignature.bytes.indices {
            var bytes = cosignature.bytes
            bytes[position] ^= 1
            let changed = Cosignature(parsing: bytes)
            #expect(changed?.isValid(for: Self.example, by: key.publicKey) != true)
        }
        // Signed as OpenSSL signs the message, apart from our own making of it.
        let message = lines("cosignature/v1", "time 1700000000") + Self.example
        #expect(key.publicKey.isValid(signature: cosignature.signature, for: message, scheme: .ed25519))
    }

    @Test("A cosignature has 72 bytes and a time below 2^63")
    func cosignatureForm() {
        #expect(Cosignature(parsing: [UInt8](repeating: 0, count: 71)) == nil)
        #expect(Cosignature(parsing: [UInt8](repeating: 0, count: 73)) == nil)
        #expect(Cosignature(parsing: [0x80] + [UInt8](repeating: 0, count: 71)) == nil)
        #expect(Cosignature(parsing: [0x7F] + [UInt8](repeating: 0xFF, count: 71))?.time == .max)
        #expect(Cosignature(parsing: []) == nil)
    }

    @Test("Nothing is cosigned at a time that cannot be", arguments: [0, -1, Int64.min])
    func badTime(time: Int64) throws {
        let fixture = try Fixture()
        let checkpoint = try Checkpoint(parsing: Self.example)
        #expect(throws: OpenSSLError.self) { try fixture.a.sign(checkpoint, time: time) }
    }
}
