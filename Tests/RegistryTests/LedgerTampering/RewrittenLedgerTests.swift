import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// Histories that somebody who has some of the keys, or all of them, makes up.
@Suite struct RewrittenLedgerTests {
    enum Rewriting: CaseIterable, Sendable {
        case dropped, droppedLast, doubled, reordered, replaced, added

        func leaves(_ leaves: [[UInt8]], _ other: [UInt8]) -> [[UInt8]] {
            var leaves = leaves
            switch self {
            case .dropped: leaves.remove(at: 4)
            case .droppedLast: leaves.removeLast()
            case .doubled: leaves.insert(leaves[4], at: 5)
            case .reordered: leaves.swapAt(4, 5)
            case .replaced: leaves[4] = other
            case .added: leaves.append(other)
            }
            return leaves
        }
    }

    enum Signing: CaseIterable, Sendable {
        /// The one that was published for the true tree.
        case old
        /// The new tree's text over the old signatures.
        case oldSignatures
        case unsigned, logOnly, witnessesOnly, oneWitness, allKeys
    }

    @Test(arguments: Rewriting.allCases)
    func `A rewritten ledger with all its tiles in order does not pass`(rewriting: Rewriting) async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3, 2])
        let other = try await registry.leaf(
            content: registry.patientStatement("X-1").canonicalBytes,
            signers: [registry.signer("KZ"), registry.signer("UZ")])
        let copy = try RegistryCopy(of: registry)
        let old = try copy.bytes("ledger/checkpoint")
        let head = try copy.rebuildLedger(rewriting.leaves(copy.leaves(), other))
        for signing in Signing.allCases {
            try copy.put("ledger/checkpoint", checkpoint(signing, head, old: old, copy))
            let report = try await copy.audit()
            #expect(report.verdict == .failed, "\(signing)")
            #expect(report.faults.contains { $0.severity == .failed && ($0.path != nil || $0.entry != nil) })
            if signing != .allKeys, signing != .old { #expect(report.names(path: "ledger/checkpoint"), "\(signing)") }
            // And nobody adds to it.
            let states = try copy.signerStates()
            await #expect(throws: RegistryError.self, "\(signing)") { try await copy.registrar() }
            #expect(try copy.signerStates() == states)
        }
    }

    private func checkpoint(
        _ signing: Signing, _ head: TreeHead, old: [UInt8], _ copy: RegistryCopy
    ) throws -> [UInt8] {
        let text = try Checkpoint(
            origin: ByteString("test.example/registry"), size: head.size, root: head.root
        ).bytes
        switch signing {
        case .old: return old
        case .oldSignatures: return try SignedNote(text: text, signatures: SignedNote(parsing: old).signatures).bytes
        case .unsigned: return text + [0x0A]
        case .logOnly: return try copy.note(head, witnesses: [])
        case .witnessesOnly: return try copy.note(head, log: false)
        case .oneWitness: return try copy.note(head, witnesses: ["KZ"])
        case .allKeys: return try copy.note(head)
        }
    }

    /// With all keys, and every checkpoint made anew: what the signers themselves signed still tells.
    @Test(arguments: [Rewriting.dropped, .doubled, .reordered, .replaced])
    func `A history that all keys signed anew fails by what the parties signed`(rewriting: Rewriting) async throws {
        let registry = try await ScratchRegistry.filled(batches: [1, 1, 1, 1, 1, 1, 1])
        let copy = try RegistryCopy(of: registry)
        let other = try await registry.leaf(
            content: registry.patientStatement("X-1").canonicalBytes,
            signers: [registry.signer("KZ"), registry.signer("UZ")])
        let leaves = try rewriting.leaves(copy.leaves(), other)
        try copy.remove("ledger")
        try copy.remove("checkpoints")
        var writer = try LogWriter(folder: copy.registry.files, head: .empty)
        for leaf in leaves {
            let head = try writer.append([leaf])
            let note = try copy.note(head)
            try copy.put(try #require(CheckpointPath(size: head.size)).path, note)
            try copy.put("ledger/checkpoint", note)
        }
        let report = try await copy.audit()
        #expect(report.verdict == .failed)
        #expect(report.faults.contains { $0.key.hasPrefix("statement.") && $0.entry ?? 0 >= 4 })
    }

    enum Fork: CaseIterable, Sendable {
        case publishedSize, unpublishedSize, latestSize, largerSize, trueRootOfLargerSize, otherOrigin
    }

    @Test(arguments: Fork.allCases)
    func `A checkpoint of another tree that all keys signed is found`(fork: Fork) async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3])
        let copy = try RegistryCopy(of: registry)
        #expect(try copy.leaves().count == 6)
        let foreign = MerkleTree.leafHash([1, 2, 3])
        let size: Int64
        var root = foreign
        var origin = "test.example/registry"
        switch fork {
        case .publishedSize: size = 3
        case .unpublishedSize: size = 2
        case .latestSize: size = 6
        case .largerSize: size = 9
        case .trueRootOfLargerSize:
            size = 7
            var range = CompactRange()
            for leaf in try copy.leaves() + [[9]] { try range.append(MerkleTree.leafHash(leaf)) }
            root = range.root
        case .otherOrigin:
            size = 3
            origin = "test.example/another"
        }
        let path = try #require(CheckpointPath(size: size)).path
        let note = try copy.note(TreeHead(size: size, root: root), origin: origin)
        try copy.put(path, note)
        let report = try await copy.audit()
        #expect(report.verdict != .passed)
        #expect(report.names(path: path), "\(report.faults)")
    }

    /// A checkpoint for no entries must not keep the audit from looking at the others.
    @Test func `A fork is found beside a checkpoint of the empty tree`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3])
        let copy = try RegistryCopy(of: registry)
        try copy.put("checkpoints/000", copy.note(.empty))
        try copy.put("checkpoints/002", copy.note(TreeHead(size: 2, root: MerkleTree.leafHash([1]))))
        let report = try await copy.audit()
        #expect(report.verdict == .failed)
        #expect(report.names(path: "checkpoints/002"), "\(report.faults)")
        // The true checkpoints still count.
        #expect(!report.faults.contains { $0.key.hasPrefix("statement.") })
    }

    @Test(arguments: ["ledger/checkpoint", "checkpoints/003", "checkpoints/006"])
    func `A signature line of an unknown key is found`(path: String) async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3])
        let copy = try RegistryCopy(of: registry)
        let note = try SignedNote(parsing: copy.bytes(path))
        let stranger = try NoteSigner(
            name: #require(KeyName("stranger.example/log")), key: PrivateKey.generateEd25519())
        try copy.put(path, note.adding([stranger.sign(note.text)]).bytes)
        let report = try await copy.audit()
        #expect(report.verdict != .passed)
        #expect(report.names(path: path))
        // A stranger under the name of a witness is a stranger.
        let name = try VerifierKey(parsing: copy.keys.witnessKey(ScratchRegistry.kz)!).name
        let impostor = try Cosigner(name: name, key: PrivateKey.generateEd25519())
        try copy.put(path, note.adding([impostor.sign(Checkpoint(parsing: note.text), time: copy.now)]).bytes)
        #expect(try await copy.audit().names(path: path))
    }

    @Test func `An older published checkpoint in the place of the latest is found`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3])
        let copy = try RegistryCopy(of: registry)
        try copy.put("ledger/checkpoint", copy.bytes("checkpoints/003"))
        let report = try await copy.audit()
        #expect(report.verdict == .failed)
        #expect(report.faults.contains { $0.key == "ledger.shrunk" && $0.path == "checkpoints/006" })
    }
}
