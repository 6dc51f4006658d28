internal import Foundation

/// A file-system call of a run, of all that are about its folder.
package struct FileCall: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    /// Relative to the folder; temporary files, whose names are others in each run, together.
    package let path: String
    package let meetsFault: Bool

    package var description: String { "\(name) \(path)" }

    /// From a line of the log: number, with a mark where it met the fault, name, path.
    init?(line: Substring) {
        let fields = line.split(separator: " ", maxSplits: 2)
        guard fields.count == 3 else { return nil }
        name = String(fields[1])
        meetsFault = fields[0].hasSuffix("!")
        let path = String(fields[2].dropFirst())
        if let slash = path.lastIndex(of: "/"), path[..<slash].hasSuffix("temporary") {
            self.path = path[..<slash] + "/*"
        } else {
            self.path = path
        }
    }
}

/// A fault at one of a run's file-system calls.
package struct Fault: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Int32, CaseIterable, Sendable, CustomStringConvertible {
        case killed = 0
        case inputOutput = 5
        case full = 28
        case quota = 122

        package var description: String {
            switch self {
            case .killed: "SIGKILL"
            case .inputOutput: "EIO"
            case .full: "ENOSPC"
            case .quota: "EDQUOT"
            }
        }
    }

    package let kind: Kind
    package let call: FileCall
    /// Which of several such calls, from 1.
    package let number: Int

    package init(_ kind: Kind, at call: FileCall, number: Int) {
        self.kind = kind
        self.call = call
        self.number = number
    }

    package var description: String { "\(kind) at \(call) (\(number))" }

    /// What makes a program meet it; without one, what makes it tell its calls.
    package static func environment(_ fault: Fault?, folder: String, log: String) -> [String: String] {
        [
            "LD_PRELOAD": library, "BITIM_FAULT_LOG": log,
            // As the kernel tells it.
            "BITIM_FAULT_UNDER": URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
                .replacingOccurrences(of: "//", with: "/"),
            "BITIM_FAULT_CALL": fault.map { "\($0.call.name) /\($0.call.path)" } ?? "",
            "BITIM_FAULT_AT": "\(fault?.number ?? 0)", "BITIM_FAULT": "\(fault?.kind.rawValue ?? 0)",
        ]
    }

    /// What makes a program's clock wrong, by so many seconds.
    package static func environment(clockAhead seconds: Int64) -> [String: String] {
        ["LD_PRELOAD": library, "BITIM_FAULT_CLOCK": "\(seconds)"]
    }

    /// What makes a program end with the status if OpenSSL takes itself down at its end.
    package static func environment(cleanupStatus status: Int32) -> [String: String] {
        ["LD_PRELOAD": library, "BITIM_FAULT_CLEANUP": "\(status)"]
    }

    package static func calls(in log: String) -> [FileCall] {
        let text = (try? Data(contentsOf: URL(fileURLWithPath: log))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").compactMap { FileCall(line: $0) }
    }

    private static let library: String = {
        let beside = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
            .deletingLastPathComponent().path
        let folder = beside ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        return ProcessInfo.processInfo.environment["BITIM_FAULT_INJECTOR"] ?? "\(folder)/libFaultInjector.so"
    }()
}

/// A run of the program with a fault, or with none, and its calls.
package struct FaultedRun: Sendable {
    package let run: CommandRun
    package let calls: [FileCall]

    package init(
        _ arguments: [String], folder: String, fault: Fault? = nil, environment: [String: String] = [:]
    ) throws {
        let log = folder + ".calls"
        try? FileManager.default.removeItem(atPath: log)
        defer { try? FileManager.default.removeItem(atPath: log) }
        run = try CommandRun.bitim(
            arguments, folder: folder,
            environment: Fault.environment(fault, folder: folder, log: log).merging(environment) { $1 })
        calls = Fault.calls(in: log)
    }
}
