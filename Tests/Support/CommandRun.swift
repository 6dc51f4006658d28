internal import Foundation
internal import Synchronization

/// A run of the built program, as a user would start it: no terminal, its own environment.
package struct CommandRun: Sendable {
    package let standardOutput: String
    package let standardError: String
    package let status: Int32

    /// The program that was built together with the tests, unless BITIM_PROGRAM names another build of it.
    package static let program: String = {
        if let other = ProcessInfo.processInfo.environment["BITIM_PROGRAM"] { return other }
        // The test bundle lies beside the products.
        let folder =
            Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL.deletingLastPathComponent()
            ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return folder.appendingPathComponent("bitim").path
    }()

    /// It hangs, and was killed for it: a run of all tests would otherwise wait for it without end.
    package struct Hung: Error, CustomStringConvertible {
        let command: [String]
        let seconds: Int
        let standardError: String

        package var description: String {
            "still running after \(seconds) seconds, and killed: \(command.joined(separator: " ")): \(standardError)"
        }
    }

    /// A whole campaign has registries that take minutes to read.
    package static let patienceSeconds = Campaign.isWhole ? 3600 : 300

    package static func bitim(
        _ arguments: [String], folder: String, environment: [String: String] = [:], input: String? = nil,
        patienceSeconds: Int = patienceSeconds
    ) throws -> CommandRun {
        try run(
            program, arguments, folder: folder, environment: environment, input: input, patienceSeconds: patienceSeconds
        )
    }

    /// - Throws: `Hung` when it has not ended after that time.
    package static func run(
        _ program: String, _ arguments: [String], folder: String, environment: [String: String] = [:],
        input: String? = nil, patienceSeconds: Int = patienceSeconds
    ) throws -> CommandRun {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        var variables = ProcessInfo.processInfo.environment
        for name in ["BITIM_KEYS", "BITIM_REGISTRY", "NO_COLOR", "COLUMNS", "LC_ALL", "LC_MESSAGES", "LANG"] {
            variables[name] = nil
        }
        // A trap must fail at once, without minutes of symbols.
        variables["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = variables.merging(environment) { $1 }
        let out = FileHandleFiles()
        process.standardOutput = try out.handle("out")
        process.standardError = try out.handle("err")
        if let input {
            try Data(input.utf8).write(to: URL(fileURLWithPath: out.scratch.file("in")))
            process.standardInput = FileHandle(forReadingAtPath: out.scratch.file("in"))
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
        let deadline = Deadline(of: process, seconds: patienceSeconds)
        process.waitUntilExit()
        guard !deadline.hasKilled() else {
            throw Hung(command: [program] + arguments, seconds: patienceSeconds, standardError: try out.text("err"))
        }
        return CommandRun(
            standardOutput: try out.text("out"), standardError: try out.text("err"),
            status: process.terminationReason == .uncaughtSignal
                ? -process.terminationStatus : process.terminationStatus)
    }
}

extension CommandRun {
    /// Makes a file its owner's alone.
    package static func restrict(_ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Blows a file up to eight terabytes that take no room.
    package static func makeSparse(_ path: String) throws {
        guard truncate(path, 8 << 40) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}

/// Kills a process that is still running then, with what it has started.
private final class Deadline: Sendable {
    // A queue of its own: the threads of the others may all be waiting for programs.
    private static let queue = DispatchQueue(label: "deadlines of programs")

    private enum State { case waiting, ended, killed }
    private let state = Mutex(State.waiting)

    init(of process: Process, seconds: Int) {
        // Weak: one that has ended does not keep its files open until then.
        Self.queue.asyncAfter(deadline: .now() + .seconds(seconds)) { [weak self, weak process] in
            self?.state.withLock { state in
                guard state == .waiting, let process, process.isRunning else { return }
                state = .killed
                let identifier = process.processIdentifier
                _ = kill(getpgid(identifier) == identifier ? -identifier : identifier, SIGKILL)
            }
        }
    }

    /// The process has ended: whether of this.
    func hasKilled() -> Bool {
        state.withLock { state in
            if state == .waiting { state = .ended }
            return state == .killed
        }
    }
}

/// Output through files: a pipe that nobody empties would stop a talkative program.
private struct FileHandleFiles {
    let scratch = ScratchFolder()

    func handle(_ name: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: scratch.file(name), contents: nil)
        guard let handle = FileHandle(forWritingAtPath: scratch.file(name)) else { throw CocoaError(.fileNoSuchFile) }
        return handle
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: scratch.file(name))), as: UTF8.self)
    }
}
