import Agreements
import Foundation
import Registry
import Support
import TiledLog

/// What somebody has who was handed a proof: `keys/` without secrets, and no registry at all.
final class OfflineFolder {
    let scratch = ScratchFolder()
    let now: Int64

    init(_ registry: ScratchRegistry) throws {
        now = registry.now
        let run = try CommandRun.run("/bin/cp", ["-a", registry.keys.path, scratch.path], folder: "/")
        guard run.status == 0 else { throw CocoaError(.fileWriteUnknown) }
        try FileManager.default.removeItem(atPath: scratch.file("keys/private"))
    }

    var keys: KeysFolder { KeysFolder(path: scratch.file("keys")) }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: scratch.file(name)) }

    func verify(
        _ proof: [UInt8], _ entry: [UInt8], documents: [[UInt8]] = []
    ) async throws -> VerificationReport {
        try scratch.write(proof, to: "x.tlog-proof")
        try scratch.write(entry, to: "x.cms")
        for (number, document) in documents.enumerated() { try scratch.write(document, to: "document-\(number)") }
        let names = ["x.tlog-proof", "x.cms"] + documents.indices.map { "document-\($0)" }
        return try await Verification(
            registry: RegistryFolder(path: scratch.file("nowhere")), keys: keys, now: now
        ).verify(names.map(scratch.file))
    }

    func verify(_ proved: ProvedEntry, documents: [[UInt8]] = []) async throws -> VerificationReport {
        try await verify(proved.proof, proved.exported, documents: documents)
    }
}

extension ScratchRegistry {
    var proving: Proving { Proving(registry: registry, keys: keys, now: now) }
}

extension VerificationReport {
    var keys: [String] { targets.flatMap(\.findings).filter { $0.severity != .warning }.map(\.key) }
}

/// The code of the `RegistryError` that the work ends with; nil when it does not.
func refusal(_ work: () async throws -> Void) async -> RegistryError.Code? {
    do {
        try await work()
        return nil
    } catch {
        return (error as? RegistryError)?.code
    }
}
