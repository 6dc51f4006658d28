import OpenSSLKit
import Testing

@testable import TransparencyLog

/// Two histories that part at leaf 2, of every pair of sizes up to 20.
@Suite struct MisbehaviourEvidenceTests {
    private let signer: NoteSigner

    init() throws {
        signer = try NoteSigner(name: KeyName("log.example/evidence")!, key: PrivateKey.generateEd25519())
    }

    private static func leaves(_ size: Int64, isFork: Bool) -> [SHA256Digest] {
        (0..<size).map { MerkleTree.leafHash(Array("\($0)\(isFork && $0 >= 2 ? "'" : "")".utf8)) }
    }

    private static func source(_ size: Int64, isFork: Bool) -> SubtreeSource {
        let leaves = leaves(size, isFork: isFork)
        return { level, index in
            MerkleTree.root(of: leaves[(Int(index) << level)..<((Int(index) + 1) << level)])
        }
    }

    private func note(_ size: Int64, isFork: Bool) throws -> SignedNote {
        let text = try Checkpoint(
            origin: "log.example/evidence", size: size, root: MerkleTree.root(of: Self.leaves(size, isFork: isFork))
        ).bytes
        return try SignedNote(text: text, signatures: [signer.sign(text)])
    }

    @Test func `Two histories give evidence at every pair of sizes, and it reads back as the same`() throws {
        for old in Int64(3)...20 {
            for new in Int64(3)...20 {
                let larger = max(old, new)
                let source = Self.source(larger, isFork: larger == new)
                let evidence = try MisbehaviourEvidence(
                    note(old, isFork: false), note(new, isFork: true), keys: [signer.verifierKey],
                    source: source)
                try evidence.verify()
                let again = try MisbehaviourEvidence(parsing: evidence.bytes)
                #expect(again == evidence)
                try again.verify()
                #expect(again.firstCheckpoint.size <= again.secondCheckpoint.size)
            }
        }
    }

    @Test func `One history gives none, at any pair of sizes`() throws {
        for old in Int64(1)...20 {
            for new in old...20 {
                let first = try note(old, isFork: false)
                let second = try note(new, isFork: false)
                #expect(throws: MisbehaviourEvidence.Fault.self) {
                    try MisbehaviourEvidence(
                        first, second, keys: [signer.verifierKey], source: Self.source(new, isFork: false))
                }
                let proof =
                    try old == new
                    ? []
                    : ConsistencyProof(
                        oldSize: old, newSize: new, from: Self.source(new, isFork: false)
                    ).hashes
                #expect(MisbehaviourEvidence(first, second, keys: [signer.verifierKey], sentProof: proof) == nil)
                // Nor does a proof that leads nowhere.
                #expect(
                    MisbehaviourEvidence(
                        first, second, keys: [signer.verifierKey], sentProof: [MerkleTree.emptyRoot]) == nil)
                #expect(
                    MisbehaviourEvidence(
                        first, second, keys: [signer.verifierKey],
                        sentProof: Array(proof.reversed()) + [MerkleTree.emptyRoot])
                        == nil)
            }
        }
    }

    @Test func `A proof that the log sent for the other history shows it, but for powers of two`() throws {
        for old in Int64(3)...19 {
            let proof = try ConsistencyProof(oldSize: old, newSize: 20, from: Self.source(20, isFork: true)).hashes
            let evidence = MisbehaviourEvidence(
                try note(old, isFork: false), try note(20, isFork: true), keys: [signer.verifierKey],
                sentProof: proof)
            #expect((evidence == nil) == ConsistencyProof.startsAtOldRoot(old), "\(old)")
        }
    }

    @Test func `A log cannot spoil the evidence by lines of its own name under other keys`() throws {
        let stranger = try NoteSigner(name: KeyName("log.example/evidence")!, key: PrivateKey.generateEd25519())
        let fork = try note(5, isFork: true)
        let spoiled = try fork.adding([stranger.sign(fork.text)])
        let evidence = try MisbehaviourEvidence(
            note(4, isFork: false), spoiled, keys: [signer.verifierKey],
            source: Self.source(5, isFork: true))
        #expect(evidence.second == fork)
    }

    @Test func `Another spelling of the file is none`() throws {
        let evidence = try MisbehaviourEvidence(
            note(5, isFork: false), note(9, isFork: true), keys: [signer.verifierKey],
            source: Self.source(9, isFork: true))
        let text = String(decoding: evidence.bytes, as: UTF8.self)
        let first = evidence.first.bytes.count
        for (what, other) in [
            ("version", "bitim-evidence 2\n" + text.dropFirst(17)),
            ("length", text.replacing("first \(first)\n", with: "first 0\(first)\n")),
            ("shorter length", text.replacing("first \(first)\n", with: "first \(first - 1)\n")),
            ("line ends", text.replacing("\n", with: "\r\n")),
            ("more after it", text + "\n"), ("less", String(text.dropLast())), ("nothing", ""),
            ("hash", text.replacing("=\n\n", with: "=\nAAAA\n\n", maxReplacements: 1)),
        ] {
            #expect(throws: MisbehaviourEvidence.Fault.self, "\(what)") {
                try MisbehaviourEvidence(parsing: Array(other.utf8)).verify()
            }
        }
        let many = text.replacing(
            "\n\n", with: "\n" + String(repeating: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", count: 65) + "\n",
            maxReplacements: 1)
        #expect(throws: MisbehaviourEvidence.Fault.self) { try MisbehaviourEvidence(parsing: Array(many.utf8)) }
    }

    @Test func `The file is what its page says`() throws {
        let evidence = try MisbehaviourEvidence(
            note(4, isFork: false), note(5, isFork: true), keys: [signer.verifierKey],
            source: Self.source(5, isFork: true))
        let lines = String(decoding: evidence.bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "bitim-evidence 1")
        #expect(lines[1] == "first \(evidence.first.bytes.count)")
        #expect(lines[2] == "second \(evidence.second.bytes.count)")
        // A power of two: the node that RFC 6962 leaves out, and leaf 4.
        let fork = Self.leaves(5, isFork: true)
        #expect(evidence.hashes == [MerkleTree.root(of: fork[..<4]), fork[4]])
        #expect(lines[5].isEmpty)
        #expect(lines[6] == "log.example/evidence")
        #expect(lines[7] == "4")
    }
}
