import Foundation
import Support
import Testing

/// A registry of two parties as it is run: the log's machine in `op`, each party's witness in a folder of its own, and
/// a mirror. Every machine is a process that listens on loopback.
final class TwoCapitals: @unchecked Sendable {
    let scratch = ScratchFolder()
    let registryPort = freePort()
    let witnessPorts = ["KZ": freePort(), "UZ": freePort()]
    private(set) var server: RunningProgram?
    private(set) var witnesses: [String: RunningProgram] = [:]

    var url: String { "http://127.0.0.1:\(registryPort)" }

    static let origin = "test.example/two-capitals"

    /// The same with another registry's name, so that one witness may have both.
    convenience init() throws { try self.init(origin: Self.origin) }

    /// Established, and cosigned once while the witnesses' keys are still here; then they move away.
    init(origin: String) throws {
        try FileManager.default.createDirectory(atPath: scratch.file("op"), withIntermediateDirectories: true)
        for party in ["KZ", "UZ"] { try run("op", "keys", "new", party, "--unencrypted", "-q") }
        try run("op", "init", "--origin", origin, "--parties", "KZ,UZ", "--unencrypted-log", "--yes", "-q")
        // What somebody keeps who makes another history of it.
        try copy("op", to: "before")
        for party in ["KZ", "UZ"] {
            let keys = scratch.file("\(party)/keys")
            try FileManager.default.createDirectory(atPath: "\(keys)/private", withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: "\(keys)/private")
            for name in ["identity", "policy", "KZ", "UZ"] {
                try FileManager.default.copyItem(atPath: scratch.file("op/keys/\(name)"), toPath: "\(keys)/\(name)")
            }
            for name in ["\(party)-witness.pem", "\(party)-witness.state"] {
                try FileManager.default.moveItem(
                    atPath: scratch.file("op/keys/private/\(name)"), toPath: "\(keys)/private/\(name)")
            }
        }
        for (party, port) in witnessPorts {
            try run("op", "keys", "url", party, "http://127.0.0.1:\(port)")
        }
        try run("op", "keys", "url", "log", url)
    }

    // MARK: Machines

    func serve(_ folder: String = "op") async throws {
        server?.kill()
        let started = try RunningProgram(
            ["serve", "--listen", "127.0.0.1:\(registryPort)"], folder: scratch.file(folder))
        server = started
        try await started.wait(for: "\"listening\"")
    }

    func stopServing() {
        server?.kill()
        server = nil
    }

    func startWitness(
        _ party: String, interval: Int = 60, environment: [String: String] = [:], recordedIn log: String? = nil
    ) async throws {
        witnesses[party]?.kill()
        let started = try RunningProgram(
            (log.map { DiskRecording.arguments(log: $0) } ?? []) + [
                "witness", "serve", party, "--from", url, "--listen", "127.0.0.1:\(witnessPorts[party] ?? 0)",
                "--interval", "\(interval)",
            ], folder: scratch.file(party), program: log == nil ? CommandRun.program : DiskRecording.strace,
            environment: environment)
        witnesses[party] = started
        try await started.wait(for: "\"listening\"")
    }

    func killWitness(_ party: String) {
        witnesses[party]?.kill()
        witnesses[party] = nil
    }

    func start() async throws {
        try await serve()
        for party in ["KZ", "UZ"] { try await startWitness(party) }
    }

    func start(only party: String) async throws {
        try await serve()
        try await startWitness(party)
    }

    /// The party's witness cosigns at the log's machine again.
    func bringWitnessBack(_ party: String) throws {
        for name in ["\(party)-witness.pem", "\(party)-witness.state"] {
            try FileManager.default.moveItem(
                atPath: scratch.file("\(party)/keys/private/\(name)"),
                toPath: scratch.file("op/keys/private/\(name)"))
        }
    }

    // MARK: Commands

    func bitim(_ folder: String, _ arguments: [String]) throws -> CommandRun {
        try CommandRun.bitim(arguments, folder: scratch.file(folder))
    }

    /// One that has to succeed.
    @discardableResult
    func run(_ folder: String, _ arguments: String...) throws -> CommandRun {
        let run = try bitim(folder, arguments)
        try #require(run.status == 0, "\(arguments.joined(separator: " ")): \(run.status) \(run.standardError)")
        return run
    }

    /// Registers an agreement with a document of its own.
    func add(_ id: String, in folder: String = "op", _ more: String...) throws -> CommandRun {
        try scratch.write("the text of \(id)\n", to: "\(folder)/\(id).txt")
        return try bitim(
            folder,
            ["add", "\(id).txt", "--id", id, "--title", "en=\(id)", "--kind", "agreement", "--sign", "KZ,UZ", "--yes"]
                + more)
    }

    func mirror(_ folder: String = "copy", keys: String = "KZ/keys") throws -> CommandRun {
        try bitim(".", ["mirror", url, folder, "--keys", keys])
    }

    func audit(_ registry: String, keys: String = "KZ/keys") throws -> String {
        try bitim(".", ["audit", "--registry", registry, "--keys", keys, "--quiet"]).standardOutput
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func copy(_ folder: String, to other: String) throws {
        try FileManager.default.copyItem(atPath: scratch.file(folder), toPath: scratch.file(other))
    }

    /// The same in a thread of its own: those that tasks run on are few, and a command waits.
    static func offThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    func isThere(_ name: String) -> Bool { FileManager.default.fileExists(atPath: scratch.file(name)) }

    func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: scratch.file(folder))) ?? []).sorted()
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: scratch.file(name), encoding: .utf8) }
}
