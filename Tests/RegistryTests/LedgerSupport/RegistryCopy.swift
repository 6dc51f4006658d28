import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import TiledLog
import TransparencyLog

/// A copy of a registry and of its keys, to be damaged.
final class RegistryCopy: Sendable {
    let scratch = ScratchFolder()
    let now: Int64

    /// Copies `registry/` and `keys/` from a folder that has both.
    init(of folder: String, now: Int64) throws {
        self.now = now
        for name in ["registry", "keys"] {
            let run = try CommandRun.run("/bin/cp", ["-a", "\(folder)/\(name)", scratch.path], folder: "/")
            guard run.status == 0 else { throw CocoaError(.fileWriteUnknown) }
        }
    }

    convenience init(of other: ScratchRegistry) throws { try self.init(of: other.scratch.path, now: other.now) }

    var registry: RegistryFolder { RegistryFolder(path: scratch.file("registry")) }
    var keys: KeysFolder { KeysFolder(path: scratch.file("keys")) }

    func vault() -> KeyVault {
        KeyVault(keys) { _ in throw RegistryError(.usage, "a test's keys have no passphrase", hint: "none") }
    }

    /// Patient, for another test's child process may hold a lock that has been let go, until it has become a program.
    func registrar(patienceSeconds: Double = 10) async throws -> Registrar {
        let now = now
        return try await Registrar.open(
            registry: registry, keys: keys, vault: vault(), now: { now }, patienceSeconds: patienceSeconds)
    }

    func audit() async throws -> AuditReport { try await Audit(registry: registry, keys: keys, now: now).run() }

    // MARK: Files, by their paths within the registry

    func path(_ name: String) -> String { registry.fullPath(name) }

    /// Every file that is checked, sorted: all but those of `state/`.
    func checkedFiles() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: registry.path)
            .filter { !$0.hasPrefix("state") && Files.kind(path($0)) == .regular }.sorted()
    }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

    /// What the file held before, where that is still to be had: the latest checkpoint among those that are kept, a
    /// partial tile or bundle in the next narrower one. Nil for what is written once.
    func olderVersion(of name: String) throws -> [UInt8]? {
        let names = try checkedFiles()
        if name == RegistryFolder.checkpointName {
            return try names.compactMap { CheckpointPath(path: $0) }.sorted { $0.size < $1.size }.dropLast().last
                .map { try bytes($0.path) }
        }
        let folder = "ledger/"
        guard let tile = TilePath(path: String(name.dropFirst(folder.count))), name.hasPrefix(folder), tile.isPartial
        else { return nil }
        return try names.compactMap { TilePath(path: String($0.dropFirst(folder.count))) }
            .filter { $0.full == tile.full && $0.width < tile.width }.max { $0.width < $1.width }
            .map { try bytes(folder + $0.path) }
    }

    /// Puts bytes in the place of whatever is there, read-only or not.
    func put(_ name: String, _ bytes: [UInt8]) throws {
        try remove(name)
        try scratch.write(bytes, to: "registry/\(name)")
    }

    func remove(_ name: String) throws {
        guard Files.kind(path(name)) != nil else { return }
        try FileManager.default.removeItem(atPath: path(name))
    }

    /// Of a file beside the registry, such as a signer's state.
    func scratchBytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: scratch.file(name))))
    }

    /// Everything that changes when somebody signs a tree.
    func signerStates() throws -> [String: [UInt8]] {
        var states: [String: [UInt8]] = [:]
        for name in [
            "keys/private/log.state", "keys/private/KZ-witness.state", "keys/private/UZ-witness.state",
            "registry/state/pending", "registry/ledger/checkpoint",
        ] where Files.kind(scratch.file(name)) != nil {
            states[name] = try scratchBytes(name)
        }
        return states
    }

    // MARK: Keys

    /// A note over any tree, signed by whomever: what somebody with these keys could make.
    func note(
        _ head: TreeHead, log: Bool = true, witnesses: [String] = ["KZ", "UZ"], origin: String = "test.example/registry"
    ) throws -> [UInt8] {
        let checkpoint = try Checkpoint(origin: ByteString(origin), size: head.size, root: head.root)
        var signatures: [NoteSignature] = []
        if log {
            let key = try vault().key(KeyVault.logKeyName, owner: .log)
            signatures.append(try NoteSigner(name: KeyName(origin)!, key: key).sign(checkpoint.bytes))
        }
        for party in witnesses {
            let id = PartyID(party)!
            let name = try VerifierKey(parsing: keys.witnessKey(id)!).name
            let key = try vault().key(KeyVault.keyName(id, .witness), owner: .party(id))
            signatures.append(try Cosigner(name: name, key: key).sign(checkpoint, time: now))
        }
        return try SignedNote(text: checkpoint.bytes, signatures: signatures).bytes
    }

    /// All leaves of the published tree.
    func leaves() throws -> [[UInt8]] {
        let size = try OpenedLedger.open(registry: registry, keys: keys).publishedHead.size
        return try TilePath.bundles(forSize: size).flatMap { try registry.ledger.entries($0).map { Array($0) } }
    }

    /// Puts a ledger of these leaves in the place of the one that is there, all tiles in order, and no checkpoint.
    func rebuildLedger(_ leaves: [[UInt8]]) throws -> TreeHead {
        try remove("ledger")
        var writer = try LogWriter(folder: registry.files, head: .empty)
        return try writer.append(leaves)
    }
}

extension ScratchRegistry {
    /// A registry of entry 0 and some agreements, with a document each, published in batches of these sizes.
    static func filled(batches: [Int]) async throws -> ScratchRegistry {
        let registry = try await established()
        var number = 0
        for batch in batches {
            try await registry.addBatch((0..<batch).map { "A-\(number + $0)" })
            number += batch
        }
        return registry
    }

    /// Registers agreements under one checkpoint.
    @discardableResult
    func addBatch(_ ids: [String]) async throws -> Registrar.Publishing {
        let registrar = try await registrar(patienceSeconds: 10)
        for id in ids { _ = try registrar.sign(id, scratch) }
        let publishing = try await registrar.commit()
        advance(by: 10)
        return publishing
    }

    /// `statement` of the support, but patient.
    func patientStatement(_ id: String, title: String = "An agreement") async throws -> Statement {
        try await registrar(patienceSeconds: 10)
            .statement(of: .agreementRegistered(Self.body(title: title)), agreement: AgreementID(id)!)
    }
}

extension Registrar {
    /// Queues the registration of an agreement with a document of its own.
    func sign(_ id: String, _ scratch: ScratchFolder) throws -> Registered {
        try scratch.write("The text of \(id).\n", to: "documents/\(id).txt")
        let path = scratch.file("documents/\(id).txt")
        let (document, digest) = try DocumentDescription(path: path, role: .text).read()
        let body = ScratchRegistry.body(title: "Agreement \(id)", documents: [document])
        return try sign(
            statement(of: .agreementRegistered(body), agreement: AgreementID(id)!), documents: [digest: path])
    }
}

extension RegistryCopy {
    /// Registers agreements under one checkpoint.
    @discardableResult
    func add(_ ids: [String]) async throws -> Registrar.Publishing {
        let registrar = try await registrar()
        for id in ids { _ = try registrar.sign(id, scratch) }
        return try await registrar.commit()
    }
}

extension AuditReport {
    /// Findings that take the verdict from passed.
    var faults: [Finding] { findings.filter { $0.severity != .warning } }

    func names(path: String) -> Bool {
        faults.contains { finding in
            guard let named = finding.path else { return false }
            // A foreign folder is named once, for everything in it.
            return named == path || path.hasPrefix(named + "/")
        }
    }
}

extension Registrar.Publishing {
    var head: TreeHead {
        switch self {
        case .published(let head), .pending(let head, _, _): head
        }
    }

    var missing: [String]? {
        if case .pending(_, let missing, _) = self { missing } else { nil }
    }
}
