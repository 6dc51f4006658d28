internal import Foundation
internal import Synchronization

/// The built program as a server: it runs until it is stopped, and what it logs goes to a file.
package final class RunningProgram: @unchecked Sendable {
    private let process = Process()
    private let scratch = ScratchFolder()

    package enum Fault: Error { case notListening(log: String), ended(Int32, log: String) }

    package init(
        _ arguments: [String], folder: String, program: String = CommandRun.program, environment: [String: String] = [:]
    ) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        var variables = ProcessInfo.processInfo.environment
        for name in ["BITIM_KEYS", "BITIM_REGISTRY", "http_proxy", "https_proxy", "all_proxy"] { variables[name] = nil }
        variables["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = variables.merging(environment) { $1 }
        _ = FileManager.default.createFile(atPath: scratch.file("log"), contents: nil)
        let log = FileHandle(forWritingAtPath: scratch.file("log")) ?? FileHandle.nullDevice
        process.standardError = log
        process.standardOutput = log
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    deinit { kill() }

    package var log: String {
        (try? String(contentsOfFile: scratch.file("log"), encoding: .utf8)) ?? ""
    }

    /// Where it says that it listens.
    package var url: String? {
        log.split(separator: "\n").first { $0.contains("\"listening\"") }?.components(separatedBy: "\"url\":\"").last
            .map { String($0.prefix { $0 != "\"" }) }
    }

    package var isRunning: Bool { process.isRunning }

    package var processIdentifier: Int32 { process.processIdentifier }

    /// Waits until a line of the log has the text.
    package func wait(for text: String, seconds: Double = 30) async throws {
        for _ in 0..<Int(seconds * 50) {
            if log.contains(text) { return }
            guard process.isRunning else { throw Fault.ended(status, log: log) }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Fault.notListening(log: log)
    }

    package func kill() {
        guard process.isRunning else { return }
        _ = Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks it to end, as a service manager does. Returns its status.
    package func terminate() -> Int32 {
        if process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        return status
    }

    /// Of one that has ended; of a signal its number, negative.
    private var status: Int32 {
        process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
    }
}

/// Waits until somebody listens at the port: for programs that do not say so.
package func waitUntilListening(_ port: Int, seconds: Double = 60) async throws {
    for _ in 0..<Int(seconds * 20) {
        if succeeds(connect, port) { return }
        try await Task.sleep(for: .milliseconds(50))
    }
    throw RunningProgram.Fault.notListening(log: "nobody listens at port \(port)")
}

/// Whether a new socket could do so at the port on loopback.
private func succeeds(
    _ act: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ port: Int
) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = UInt16(port).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            act(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

/// Whoever was given one listens there only later, and again and again.
private let givenPorts = Mutex<Set<Int>>([])

/// A port on loopback that nobody listens at, and that nobody else is given. Below the range from which the system gives
/// connections their own ports: whoever ends and listens there again would otherwise find it taken by one of them.
package func freePort() -> Int {
    for _ in 0..<1_000 {
        let port = Int.random(in: 10_000..<32_000)
        guard givenPorts.withLock({ $0.insert(port).inserted }) else { continue }
        if succeeds(bind, port) { return port }
    }
    preconditionFailure("no free port")
}
