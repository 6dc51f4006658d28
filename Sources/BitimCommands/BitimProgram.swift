internal import Agreements
internal import ArgumentParser
internal import Glibc
internal import OpenSSLKit
internal import Registry
internal import TiledLog

/// The program: parses the arguments, runs a command, and ends with the right status.
package enum BitimProgram {
    package static func run() async -> Never {
        // A reader that goes away ends the output, not the work.
        signal(SIGPIPE, SIG_IGN)
        ProcessMemory.keepFromOthers()
        if asksForHelpAlone {
            Console().answer(BitimCommand.helpMessage())
            exit(0)
        }
        let progress = ProgressBar("reading", console: Console(isQuiet: isQuiet))
        do {
            try OpenSSLLibrary.keepToTheEnd()
            var command = try BitimCommand.parseAsRoot()
            ReadingProgress.listen { progress.update($0, of: $1) }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(0)
        } catch {
            progress.clear()
            exit(status(of: error))
        }
    }

    /// The commonest question needs no command line to be understood, which is half of what a start takes.
    private static var asksForHelpAlone: Bool {
        CommandLine.arguments.count == 2 && ["--help", "-h"].contains(CommandLine.arguments[1])
    }

    /// Before the command line is understood, and for all commands: `--quiet`, `-q`, `-yq`.
    private static var isQuiet: Bool {
        CommandLine.arguments.dropFirst().contains {
            $0 == "--quiet" || $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.contains("q")
        }
    }

    private static func status(of error: any Error) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        if let failure = registryError(error) { return tell(failure) }
        let text = BitimCommand.fullMessage(for: error)
        guard BitimCommand.exitCode(for: error) != .success else {
            Console().answer(text)
            return 0
        }
        let words = CommandWords(Array(CommandLine.arguments.dropFirst()))
        if let error = words.error { return tell(error) }
        // ArgumentParser's own words, under the program's name.
        let message = oneLine(BitimCommand.message(for: error))
        return tell(
            RegistryError(
                .usage, message.isEmpty ? text : message,
                hint: "see '\(words.path.joined(separator: " ")) --help'"))
    }

    /// A list of values, one a line, as one after the other.
    private static func oneLine(_ message: String) -> String {
        let lines = message.split(separator: "\n")
        let values = lines.filter { $0.hasPrefix("  - ") }.map { $0.dropFirst(4) }
        let words = lines.filter { !$0.hasPrefix("  - ") }
        return (words + (values.isEmpty ? [] : [values.joined(separator: ", ")[...]])).joined(separator: " ")
    }

    private static func tell(_ failure: RegistryError) -> Int32 {
        if CommandLine.arguments.contains("--json"), let text = try? JSONOutput.text(ErrorResult(failure)) {
            Console().answer(text)
        }
        Console.error(failure.message, hint: failure.hint)
        for finding in failure.findings.dropFirst() where finding.severity != .warning {
            Console.error("\(finding.key): \(finding.message)", hint: nil)
        }
        return failure.code.exitStatus
    }

    /// Errors of the lower rooms that reached the surface, in one form.
    private static func registryError(_ error: any Error) -> RegistryError? {
        switch error {
        case let error as RegistryError: error
        case let error as FileError:
            RegistryError(.unavailable, "\(error)", hint: fileHint(error))
        case let error as LogError:
            RegistryError(.refused, "ledger/\(error)", hint: "see 'bitim audit'")
        case let error as OpenSSLError:
            RegistryError(.unavailable, "\(error)", hint: "the OpenSSL in use is \(openSSLVersion)")
        case let error as SignedDataError:
            RegistryError(.refused, "\(error)", hint: "docs/entry.md tells what an entry's signatures look like")
        case let error as OpenedLedger.Unopenable:
            RegistryError(
                .refused, "the registry does not hold: \(error.findings.first?.message ?? "")",
                hint: "see 'bitim audit'",
                findings: error.findings)
        case let error as CheckpointFault:
            RegistryError(
                .refused, "\(error)", hint: "see 'bitim audit'", findings: [error.finding(path: "checkpoints")])
        case let error as ArchiveFault:
            RegistryError(
                .unavailable, "the state of the ledger cannot be looked up: \(error)",
                hint: "run the command again; 'bitim audit' tells whether the ledger is sound")
        default:
            // What ArgumentParser throws for a user's mistake has a status of its own.
            BitimCommand.exitCode(for: error) == .failure
                ? RegistryError(
                    .unavailable, "\(error)", hint: "this is not foreseen: please tell, as CONTRIBUTING.md says")
                : nil
        }
    }

    private static func fileHint(_ error: FileError) -> String {
        switch error.reason {
        case .system(ENOSPC): "the disk is full: make room, then run the command again; nothing was lost"
        case .system(EDQUOT): "the quota is used up: make room, then run the command again; nothing was lost"
        case .system(EACCES), .system(EPERM), .system(EROFS): "check the permissions of the file and its folder"
        case .notFound: "check the path"
        case .notRegular: "name a regular file, not a folder, a pipe or a device"
        case .notFolder:
            "a file, a link or a pipe is in its place, through which nothing is written: put the folder back"
        case .tooLarge: "this is not a file that the command can use"
        case .exists: "name another file, or take that one away"
        case .system: "check the path and its folders"
        }
    }
}

extension RegistryError.Code {
    var exitStatus: Int32 {
        switch self {
        case .usage: 64
        case .unavailable: 4
        case .refused: 1
        case .conflict: 5
        case .pending: 3
        }
    }

    var name: String {
        switch self {
        case .usage: "usage"
        case .unavailable: "unavailable"
        case .refused: "refused"
        case .conflict: "conflict"
        case .pending: "pending"
        }
    }
}

extension Verdict {
    /// Ends the command with the verdict's status.
    func exit() throws {
        switch self {
        case .passed: return
        case .indeterminate: throw ExitCode(3)
        case .failed: throw ExitCode(1)
        }
    }
}

/// What `--json` answers when a command could not do its work.
private struct ErrorResult: Encodable {
    struct Description: Encodable {
        let code: String
        let hint: String
        let message: String

        private enum CodingKeys: CodingKey { case code, hint, message }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(code, forKey: .code)
            try container.encode(hint, forKey: .hint)
            try container.encode(message, forKey: .message)
        }
    }

    let schemaVersion = 1
    let error: Description
    let findings: [Finding]

    private enum CodingKeys: CodingKey { case schemaVersion, error, findings }

    init(_ error: RegistryError) {
        self.error = Description(code: error.code.name, hint: error.hint, message: error.message)
        findings = error.findings
    }
}
