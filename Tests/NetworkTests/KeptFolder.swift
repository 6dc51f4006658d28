import Foundation
import Registry
import Support
import Testing

/// A folder to begin from again and again.
final class KeptFolder: Sendable {
    let path: String

    init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func keep() throws { try Self.copy(path, to: path + "-kept") }

    func restore() throws {
        try FileManager.default.removeItem(atPath: path)
        try Self.copy(path + "-kept", to: path)
    }

    private static func copy(_ path: String, to other: String) throws {
        try #require(try CommandRun.run("/bin/cp", ["-a", path, other], folder: "/").status == 0)
    }

    func audit(_ registry: String) async throws -> AuditReport {
        try await Audit(
            registry: RegistryFolder(path: "\(path)/\(registry)"), keys: KeysFolder(path: "\(path)/keys"),
            now: Int64(Date().timeIntervalSince1970)
        ).run()
    }
}
