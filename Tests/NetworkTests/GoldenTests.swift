import Foundation
import OpenSSLKit
import Support
import Testing
import TransparencyLog

@testable import Registry

/// Files and requests of version 1 as they are and stay.
@Suite struct NetworkGoldenTests {
    private static let versions = PackageRoot.file("Tests/NetworkTests/Golden")
    private static let folder = "\(versions)/v1"

    @Test func `There is golden evidence of every version that is read`() throws {
        let text = try String(contentsOfFile: "\(Self.folder)/two-histories.evidence", encoding: .utf8)
        let header = "bitim-evidence "
        for number in 1...20 {
            let numbered = text.replacingOccurrences(of: "\(header)1\n", with: "\(header)\(number)\n")
            let isKnown: Bool
            do {
                _ = try MisbehaviourEvidence(parsing: Array(numbered.utf8))
                isKnown = true
            } catch {
                // What it makes of the rest is another question.
                isKnown = error != .malformed("it begins otherwise")
            }
            let path = "\(Self.versions)/v\(number)/two-histories.evidence"
            #expect(FileManager.default.fileExists(atPath: path) == isKnown, "\(path)")
        }
    }

    @Test func `Evidence of version 1 convinces, and is printed as it was`() throws {
        let run = try CommandRun.bitim(
            ["verify", "two-histories.evidence", "--keys", "."], folder: Self.folder)
        #expect(run.status == 0, "\(run.standardOutput)\(run.standardError)")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/two-histories.evidence")))
        let evidence = try MisbehaviourEvidence(parsing: bytes)
        #expect(evidence.bytes == bytes)
        #expect(evidence.firstCheckpoint.size == 3)
        #expect(evidence.secondCheckpoint.size == 5)
    }

    @Test func `Evidence does not convince who trusts another log, or has no policy`() throws {
        let scratch = ScratchFolder()
        let path = "\(Self.folder)/two-histories.evidence"
        let without = try CommandRun.bitim(["verify", path, "--keys", "nowhere"], folder: scratch.path)
        #expect(without.status == 3)
        #expect(without.standardOutput.contains("evidence.policy.missing"))
        let other = try NoteSigner(name: KeyName("golden.example/two-histories")!, key: PrivateKey.generateEd25519())
        try scratch.write("log \(other.verifierKey.text)\nquorum none\n", to: "other/policy")
        let untrusting = try CommandRun.bitim(["verify", path, "--keys", "other"], folder: scratch.path)
        #expect(untrusting.status == 1)
        #expect(untrusting.standardOutput.contains("evidence."))
    }

    @Test func `A request to look at entries is what its page says`() throws {
        let note = try SignedNote(
            text: Checkpoint(origin: "log.example/golden", size: 0, root: MerkleTree.emptyRoot).bytes,
            signatures: [
                NoteSignature(name: KeyName("log.example/golden")!, keyID: KeyID(bytes: [1, 2, 3, 4])!, bytes: [5])!
            ])
        let request = try EntryCheckRequest(
            certificates: [[0xC0]], entries: [[0xE0, 0xE1], [UInt8](repeating: 0xE2, count: 300)], note: note)
        let expected =
            Array("check-entries 1\ncertificates 1\nentries 2\n\n".utf8) + [0, 1, 0xC0] + [0, 2, 0xE0, 0xE1] + [1, 44]
            + [UInt8](repeating: 0xE2, count: 300) + note.bytes
        #expect(request.bytes == expected)
        #expect(try EntryCheckRequest(parsing: expected).bytes == expected)
        for cut in [0, 5, 20, 40, 45, 47, 60, 350, expected.count - 1] {
            #expect(throws: WitnessRefusal.self) { try EntryCheckRequest(parsing: Array(expected.prefix(cut))) }
        }
        for (what, text) in [
            ("no entries", "check-entries 1\ncertificates 0\nentries 0\n\n"),
            ("a number of another spelling", "check-entries 1\ncertificates 00\nentries 1\n\n"),
            ("more than there can be", "check-entries 1\ncertificates 0\nentries 9223372036854775807\n\n"),
            ("another version", "check-entries 2\ncertificates 0\nentries 1\n\n"),
        ] {
            #expect(throws: WitnessRefusal.self, "\(what)") {
                try EntryCheckRequest(parsing: Array(text.utf8) + [0, 1, 0xE0] + note.bytes)
            }
        }
    }
}
