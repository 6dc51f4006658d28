import Foundation
import Registry
import Support
import TiledLog

/// A registry made by the program itself, of entry 0 and one agreement, in memory where the machine has such a disk.
final class ProgramFolder: @unchecked Sendable {
    // Its number of entries is set once, at the start.
    let path: String
    private(set) var entries: Int64 = 0

    init(in parent: String? = nil) throws {
        let memory = "/dev/shm"
        let folder = parent ?? (Files.kind(memory) == .folder ? memory : NSTemporaryDirectory())
        path = "\(folder)/bitim-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for party in ["KZ", "UZ"] { try run(["keys", "new", party, "--unencrypted", "-q"]) }
        try run(["init", "--origin", "test.example/program", "--unencrypted-log", "--yes", "-q"])
        for name in ["old", "new"] { try write("the \(name) text\n", to: "\(name).txt") }
        try run(["add", "old.txt", "--id", "OLD", "--title", "en=Old", "--kind", "plan", "--sign", "KZ,UZ", "--yes"])
        entries = 2
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    /// - Parameter status: that it has to end with; nil for any.
    @discardableResult
    func run(_ arguments: [String], status: Int32? = 0) throws -> CommandRun {
        let run = try CommandRun.bitim(arguments, folder: path)
        if let status, run.status != status {
            throw RegistryError(.unavailable, "\(arguments): \(run.status) \(run.standardError)", hint: "none")
        }
        return run
    }

    func audit() async throws -> AuditReport {
        try await Audit(
            registry: RegistryFolder(path: "\(path)/registry"), keys: KeysFolder(path: "\(path)/keys"),
            now: Int64(Date().timeIntervalSince1970)
        ).run()
    }

    func temporaryFiles() throws -> [String] {
        try ["registry/state/temporary", "keys/private/temporary"].flatMap { folder in
            Files.kind("\(path)/\(folder)") == .folder ? try Files.names(in: "\(path)/\(folder)") : []
        }
    }

    static let newAgreement = [
        "new.txt", "--id", "NEW", "--title", "en=New", "--kind", "plan", "--sign", "KZ,UZ", "--yes",
    ]

    /// One more entry, and the witnesses' keys were away when it was signed.
    func leavePending() throws {
        let keys = ["KZ-witness.pem", "UZ-witness.pem"]
        try hide(keys)
        try run(["add"] + Self.newAgreement, status: 3)
        try bringBack(keys)
    }

    // MARK: Keys that are elsewhere for a while

    func hide(_ keys: [String]) throws { for key in keys { try move("keys/private/\(key)", to: key) } }
    func bringBack(_ keys: [String]) throws { for key in keys { try move(key, to: "keys/private/\(key)") } }

    private func move(_ name: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: "\(path)/\(name)", toPath: "\(path)/\(other)")
    }

    // MARK: The same once more

    /// What the folder holds now, to begin from again and again.
    func kept() throws -> Kept { try Kept(path) }

    final class Kept: Sendable {
        private let path: String
        private var copy: String { "\(path)-kept" }

        init(_ path: String) throws {
            self.path = path
            try Self.copy(path, to: "\(path)-kept")
        }

        deinit { try? FileManager.default.removeItem(atPath: copy) }

        func restore() throws {
            try FileManager.default.removeItem(atPath: path)
            try Self.copy(copy, to: path)
        }

        private static func copy(_ path: String, to other: String) throws {
            let run = try CommandRun.run("/bin/cp", ["-a", path, other], folder: "/")
            guard run.status == 0 else { throw CocoaError(.fileWriteUnknown) }
        }
    }
}
