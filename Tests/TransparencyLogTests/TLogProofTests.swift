import OpenSSLKit
import Testing
import TransparencyLog

@Suite("Proofs in a file")
struct TLogProofTests {
    private let fixture: Fixture
    private let leafHash: SHA256Digest
    private let proof: TLogProof
    private let text: String

    init() throws {
        fixture = try Fixture()
        let leaves = (0..<7).map { leaf($0) }
        let source = PerfectSubtrees(leaves: leaves).source
        leafHash = MerkleTree.leafHash(leaves[5])
        proof = try TLogProof(
            index: 5,
            hashes: InclusionProof(index: 5, size: 7, from: source).hashes,
            note: fixture.note(fixture.checkpoint(size: 7, root: MerkleTree.root(size: 7, from: source))),
            extra: Array("hello".utf8)
        )
        text = String(decoding: proof.bytes, as: UTF8.self)
    }

    private func error(_ text: String) -> TLogProofError? {
        do { _ = try TLogProof(parsing: Array(text.utf8)) } catch { return error }
        return nil
    }

    private func verify(
        _ proof: TLogProof,
        leafHash: SHA256Digest? = nil,
        unknownSignatures: TLogProof.UnknownSignatures = .refused
    ) throws(TLogProofVerificationError) -> WitnessPolicy.Evaluation {
        try proof.verify(
            leafHash: leafHash ?? self.leafHash,
            policy: fixture.policy,
            unknownSignatures: unknownSignatures
        )
    }

    @Test("A proof is printed as it was read, and verifies")
    func roundTrip() throws {
        #expect(text.hasPrefix("c2sp.org/tlog-proof@v1\nextra aGVsbG8=\nindex 5\n"))
        let read = try TLogProof(parsing: proof.bytes)
        #expect(read == proof)
        #expect(read.bytes == proof.bytes)
        #expect(read.hashes.count == 3)
        #expect(try verify(read).quorumTime == 1_700_000_010)
    }

    @Test("The specification's example, with signatures put in, is printed as it was read")
    func specification() throws {
        let checkpoint = try Checkpoint(
            parsing: lines("example.com/fancylog", "109482", "sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=")
        )
        let bytes =
            lines(
                "c2sp.org/tlog-proof@v1",
                "index 73894",
                "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=",
                "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=",
                "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=",
                "RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=",
                "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=",
                ""
            )
            + (try fixture.note(checkpoint).bytes)
        let proof = try TLogProof(parsing: bytes)
        #expect(proof.bytes == bytes)
        #expect(proof.index == 73_894)
        #expect(proof.hashes.count == 5)
        #expect(proof.extra == nil)
        #expect(proof.checkpoint == checkpoint)
    }

    @Test("A proof without extra data or hashes is read: of the only leaf")
    func onlyLeaf() throws {
        let note = try fixture.note(fixture.checkpoint(size: 1, root: leafHash))
        let proof = try TLogProof(index: 0, hashes: [], note: note)
        #expect(proof.bytes == lines("c2sp.org/tlog-proof@v1", "index 0", "") + note.bytes)
        #expect(try TLogProof(parsing: proof.bytes) == proof)
        #expect(try verify(proof).isAccepted)
    }

    @Test(
        "An index has one spelling",
        arguments: ["0777", "05", "00", "+5", "-5", " 5", "5 ", "", "5\t", "0x5", "9223372036854775808", "５"]
    )
    func index(index: String) {
        #expect(error(text.replacing("index 5\n", with: "index \(index)\n")) == .badIndex)
    }

    @Test("A carriage return is refused before every newline")
    func carriageReturn() {
        let bytes = proof.bytes
        for position in bytes.indices where bytes[position] == 0x0A {
            var changed = bytes
            changed.insert(0x0D, at: position)
            #expect(throws: TLogProofError.self) { try TLogProof(parsing: changed) }
        }
        #expect(error(text.replacing("\n", with: "\r\n")) == .badHeader)
    }

    @Test("A proof without its last newline is refused, and so is one with another")
    func finalNewline() {
        #expect(error(String(text.dropLast())) == .note(.noFinalNewline))
        #expect(error(text + "\n") == .note(.noSignatures))
    }

    @Test("A proof cut short anywhere is refused, or has fewer signatures than it needs")
    func truncated() throws {
        let bytes = proof.bytes
        for count in bytes.indices {
            guard let shorter = try? TLogProof(parsing: Array(bytes[..<count])) else { continue }
            #expect(throws: TLogProofVerificationError.quorumNotMet) { try verify(shorter) }
        }
    }

    @Test("Base64 whose spare bits are not zero is refused, in hashes and extra data")
    func spareBits() throws {
        let hash = String(decoding: Base64.encode(proof.hashes[0].bytes), as: UTF8.self)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let last = try #require(hash.dropLast().last)
        let next = alphabet[try #require(alphabet.firstIndex(of: last)) + 1]
        #expect(error(text.replacing(hash, with: hash.dropLast(2) + "\(next)=")) == .badHash(number: 1))
        #expect(error(text.replacing("aGVsbG8=", with: "aGVsbG9=")) == .badExtra)
    }

    @Test("A hash that is not 32 bytes is refused", arguments: ["AA==", "A", " ", "="])
    func badHash(line: String) {
        #expect(error(text.replacing("index 5\n", with: "index 5\n\(line)\n")) == .badHash(number: 1))
    }

    @Test("More hashes than a tree can have are refused")
    func tooManyHashes() {
        let line = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
        let start = "c2sp.org/tlog-proof@v1\nindex 5\n"
        let note = String(decoding: proof.note.bytes, as: UTF8.self)
        #expect(error(start + String(repeating: line, count: 63) + "\n" + note) == nil)
        #expect(error(start + String(repeating: line, count: 64) + "\n" + note) == .tooManyHashes)
    }

    @Test(
        "Any other form is refused, and the reason named",
        arguments: [
            ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2", .badHeader),
            ("c2sp.org/tlog-proof@v1\n", "", .badHeader),
            ("c2sp.org/tlog-proof@v1\n", "\nc2sp.org/tlog-proof@v1\n", .badHeader),
            ("c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v1 \n", .badHeader),
            ("extra aGVsbG8=\n", "extra \n", .badExtra), ("extra aGVsbG8=\n", "extra\n", .badIndex),
            ("extra aGVsbG8=\n", "extra  aGVsbG8=\n", .badExtra),
            ("extra aGVsbG8=\n", "extra aGVsbG8=\nextra aGVsbG8=\n", .badIndex),
            ("extra aGVsbG8=\n", "\n", .badIndex), ("extra ", "Extra ", .badIndex),
            ("index 5\n", "", .badIndex), ("index 5\n", "index 5\nindex 5\n", .badHash(number: 1)),
            ("index 5\n", "Index 5\n", .badIndex), ("index 5\n", "index 5\n\n", .checkpoint(.badSize)),
            ("\n7\n", "\n07\n", .checkpoint(.badSize)), ("\n7\n", "\n", .checkpoint(.tooFewLines)),
        ] as [(String, String, TLogProofError)]
    )
    func refused(part: String, replacement: String, expected: TLogProofError) {
        #expect(error(text.replacing(part, with: replacement, maxReplacements: 1)) == expected)
    }

    @Test("Nothing is read of an empty file, or of one beyond the limit")
    func size() {
        #expect(error("") == .badHeader)
        #expect(error("c2sp.org/tlog-proof@v1\n") == .truncated)
        #expect(error(String(repeating: "x", count: TLogProof.maximumByteCount + 1)) == .tooLong)
    }

    @Test("Signature lines of unknown keys are refused where nobody else has anything to sign, and ignored elsewhere")
    func unknownSignatures() throws {
        let stranger = try Fixture()
        let line = try stranger.a.sign(proof.checkpoint, time: 1)
        let longer = try TLogProof(
            index: proof.index,
            hashes: proof.hashes,
            note: proof.note.adding([line]),
            extra: proof.extra
        )
        #expect(throws: TLogProofVerificationError.unknownSignature(stranger.a.name)) { try verify(longer) }
        #expect(try verify(longer, unknownSignatures: .ignored).unknownSignatures == [line])
    }

    @Test("Another leaf, index or size does not verify")
    func wrongStatement() throws {
        #expect(throws: TLogProofVerificationError.inclusion(.rootMismatch)) {
            try verify(proof, leafHash: MerkleTree.leafHash(leaf(4)))
        }
        for (index, expected) in [(4, .rootMismatch), (6, .wrongLength), (7, .indexOutOfRange)]
            as [(Int64, MerkleProofError)]
        {
            let other = try TLogProof(index: index, hashes: proof.hashes, note: proof.note)
            #expect(throws: TLogProofVerificationError.inclusion(expected)) { try verify(other) }
        }
        let short = try TLogProof(index: 5, hashes: Array(proof.hashes.dropLast()), note: proof.note)
        #expect(throws: TLogProofVerificationError.inclusion(.wrongLength)) { try verify(short) }
    }

    @Test("A proof that log or quorum did not sign does not verify")
    func unsigned() throws {
        let signatures = proof.note.signatures
        func signed(by signatures: [NoteSignature]) throws -> TLogProof {
            let note = try SignedNote(text: proof.note.text, signatures: signatures)
            return try TLogProof(index: 5, hashes: proof.hashes, note: note)
        }
        #expect(throws: TLogProofVerificationError.notSignedByLog) { try verify(signed(by: Array(signatures[1...]))) }
        #expect(throws: TLogProofVerificationError.quorumNotMet) { try verify(signed(by: Array(signatures[..<2]))) }
    }

    @Test("A proof that would not be read back is not made")
    func making() {
        #expect(throws: TLogProofError.badIndex) { try TLogProof(index: -1, hashes: [], note: proof.note) }
        #expect(throws: TLogProofError.badExtra) { try TLogProof(index: 0, hashes: [], note: proof.note, extra: []) }
        #expect(throws: TLogProofError.tooManyHashes) {
            try TLogProof(index: 0, hashes: Array(repeating: leafHash, count: 64), note: proof.note)
        }
    }

    @Test("No change of a single bit outside the extra data leaves a proof verified")
    func mutation() throws {
        let plain = try TLogProof(index: proof.index, hashes: proof.hashes, note: proof.note)
        let bytes = plain.bytes
        var accepted: [Int] = []
        for position in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[position] ^= 1 << bit
                guard let read = try? TLogProof(parsing: changed) else { continue }
                #expect(read.bytes == changed)
                if (try? verify(read)) != nil { accepted.append(position) }
            }
        }
        #expect(accepted.isEmpty)
    }
}
