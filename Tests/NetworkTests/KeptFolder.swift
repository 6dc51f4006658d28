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

extension TwoCapitals {
    /// A witness at a machine of its own that has cosigned an agreement, and ended before it fetched what the quorum has
    /// cosigned; kept. That of UZ is at the log's machine.
    func witnessThatHasCosigned() async throws -> KeptFolder {
        try bringWitnessBack("UZ")
        try await start(only: "KZ")
        try #require(try add("A-1").status == 0)
        killWitness("KZ")
        let witnessed = try KeptFolder(scratch.file("KZ"))
        try witnessed.keep()
        return witnessed
    }

    /// A copy of two entries, made before two more were published. All witnesses are at the log's machine.
    /// - Returns: the folder it is in, kept, and the command that brings it up to date.
    func copyThatIsBehind() async throws -> (KeptFolder, arguments: [String]) {
        try bringWitnessBack("KZ")
        try bringWitnessBack("UZ")
        try await serve()
        _ = try add("A-1")
        let folder = try KeptFolder(scratch.file("m"))
        try copy("op/keys", to: "m/keys")
        try FileManager.default.removeItem(atPath: scratch.file("m/keys/private"))
        let arguments = ["mirror", url, "copy"]
        try #require(try CommandRun.bitim(arguments, folder: folder.path).status == 0)
        for id in ["A-2", "A-3"] { _ = try add(id) }
        try folder.keep()
        return (folder, arguments)
    }
}
