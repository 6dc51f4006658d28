import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

@Suite struct SignerStateTests {
    private static let origin = "test.example/registry"
    private static let names = ["log", "KZ-witness", "UZ-witness"]

    private func copy() async throws -> RegistryCopy {
        try RegistryCopy(of: await ScratchRegistry.filled(batches: [2]))
    }

    private func path(_ copy: RegistryCopy, _ signer: String) -> String {
        copy.scratch.file("keys/private/\(signer).state")
    }

    private func publishedHead(_ copy: RegistryCopy) throws -> TreeHead {
        try OpenedLedger.open(registry: copy.registry, keys: copy.keys).publishedHead
    }

    @Test func `What a signer signed last is kept for each log, across processes, for its owner alone`() async throws {
        let copy = try await copy()
        var state = try SignerState(copy.keys, signer: .log)
        #expect(try state.head(origin: Self.origin) == publishedHead(copy))
        #expect(try state.head(origin: "another.example/log") == .empty)
        let other = TreeHead(size: 7, root: MerkleTree.leafHash([7]))
        try state.remember(other, origin: "another.example/log")
        let again = try SignerState(copy.keys, signer: .log)
        #expect(try again.head(origin: "another.example/log") == other)
        #expect(try again.head(origin: Self.origin) == publishedHead(copy))
        #expect(try Files.attributes(path(copy, "log")).mode == 0o600)
    }

    enum Loss: CaseIterable, Sendable {
        case missing, emptied, halved, withoutEnd, twice, garbage, link, folder, otherHeader, negative, zeros, shortRoot

        func inflict(_ path: String) throws {
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
            let text = String(decoding: bytes, as: UTF8.self)
            try FileManager.default.removeItem(atPath: path)
            let changed: String
            switch self {
            case .missing: return
            case .folder:
                return try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            case .link:
                try Data(bytes).write(to: URL(fileURLWithPath: path + ".elsewhere"))
                return try FileManager.default.createSymbolicLink(
                    atPath: path, withDestinationPath: path + ".elsewhere")
            case .emptied: changed = ""
            case .halved: changed = String(text.prefix(text.count / 2))
            case .withoutEnd: changed = text.replacingOccurrences(of: "end\n", with: "")
            case .twice: changed = text + text
            case .garbage: changed = "\u{0}\u{1}"
            case .otherHeader: changed = text.replacingOccurrences(of: "state 1", with: "state 2")
            case .negative: changed = text.replacingOccurrences(of: "registry 3", with: "registry -3")
            case .zeros: changed = text.replacingOccurrences(of: "registry 3", with: "registry 03")
            case .shortRoot: changed = text.replacingOccurrences(of: "\nend", with: "").dropLast(2) + "\nend\n"
            }
            try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    @Test(arguments: names, Loss.allCases)
    func `A lost memory stops the signing until someone says by name what to go on from`(
        name: String, loss: Loss
    ) async throws {
        let copy = try await copy()
        try loss.inflict(path(copy, name))
        let others = try? copy.signerStates().filter { !$0.key.contains(name) }
        var refusal: RegistryError?
        do {
            try await copy.add(["B-1"])
        } catch let error as RegistryError {
            refusal = error
        }
        #expect(refusal?.code == .refused)
        #expect(refusal?.message.contains("\(name).state") == true, "\(refusal?.message ?? "it was signed")")
        #expect(refusal?.hint.contains("bitim keys resume \(name)") == true)
        #expect((try? copy.signerStates().filter { !$0.key.contains(name) }) == others, "somebody signed")

        // A folder has to be taken away by hand.
        if loss == .folder { try FileManager.default.removeItem(atPath: path(copy, name)) }
        try SignerState.resume(
            copy.keys, signer: #require(SignerState.Signer(name)), origin: Self.origin, head: publishedHead(copy))
        try await copy.add(["B-1"])
        let report = try await copy.audit()
        #expect(report.verdict == .passed)
        #expect(report.entries == 4)
    }

    @Test func `A log whose memory lies behind the ledger signs nothing until it is resumed`() async throws {
        let copy = try await copy()
        let older = try copy.scratchBytes("keys/private/log.state")
        try await copy.add(["B-1"])
        try copy.scratch.write(older, to: "keys/private/log.state")
        let error = await #expect(throws: RegistryError.self) { try await copy.registrar() }
        #expect(error?.code == .refused)
        let head = try publishedHead(copy)
        #expect(error?.hint.contains("bitim keys resume log --tree 4:\(head.root.hex)") == true)
        try SignerState.resume(copy.keys, signer: .log, origin: Self.origin, head: head)
        try await copy.add(["C-1"])
        #expect(try await copy.audit().verdict == .passed)
    }

    /// Resuming is for a memory that is lost or behind. One that is ahead knows of a signature that left.
    @Test(arguments: names)
    func `A memory that is ahead is never taken back`(name: String) async throws {
        let copy = try await copy()
        let signer = try #require(SignerState.Signer(name))
        let before = try publishedHead(copy)
        try await copy.add(["B-1"])
        let states = try copy.signerStates()
        #expect(throws: RegistryError.self) {
            try SignerState.resume(copy.keys, signer: signer, origin: Self.origin, head: before)
        }
        let rival = TreeHead(size: before.size + 1, root: MerkleTree.leafHash([1]))
        #expect(throws: RegistryError.self) {
            try SignerState.resume(copy.keys, signer: signer, origin: Self.origin, head: rival)
        }
        #expect(try copy.signerStates() == states)
        // What it knows already it may be told again.
        try SignerState.resume(copy.keys, signer: signer, origin: Self.origin, head: publishedHead(copy))
        #expect(try copy.signerStates() == states)
    }

    @Test func `A new key's state is begun once and never over another`() async throws {
        let copy = try await copy()
        let states = try copy.signerStates()
        #expect(throws: FileError.self) { try SignerState.begin(copy.keys, signer: .log) }
        #expect(try copy.signerStates() == states)
    }

    @Test(arguments: ["", "Log", "KZ", "witness", "-witness", "kz-witness", "KZ-witness ", "log\n"])
    func `A signer is named in one way`(text: String) {
        #expect(SignerState.Signer(text) == nil)
        for name in Self.names { #expect(SignerState.Signer(name)?.description == name) }
    }
}
