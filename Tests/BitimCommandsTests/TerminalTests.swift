import Agreements
import Foundation
import Glibc
import Registry
import Support
import Testing

/// Passphrases typed at a terminal: a pseudo-terminal, of which the test holds the other end.
@Suite struct TerminalTests {
    private final class Terminal {
        let master: Int32
        let other: FileHandle

        init() throws {
            var (near, far): (Int32, Int32) = (-1, -1)
            guard openpty(&near, &far, nil, nil, nil) == 0 else { throw POSIXError(.ENOTTY) }
            // Only the program's end is handed on.
            _ = fcntl(near, F_SETFD, FD_CLOEXEC)
            master = near
            other = FileHandle(fileDescriptor: far, closeOnDealloc: true)
        }

        deinit { close(master) }

        var echoes: Bool {
            var settings = termios()
            return tcgetattr(master, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
        }

        func type(_ text: String) {
            _ = Array(text.utf8).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
        }

        /// What has been printed so far; waits up to a second for something.
        func shown() -> String {
            var text: [UInt8] = []
            var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            var buffer = [UInt8](repeating: 0, count: 4096)
            while poll(&descriptor, 1, text.isEmpty ? 1000 : 50) > 0 {
                let count = read(master, &buffer, buffer.count)
                guard count > 0 else { break }
                text += buffer[..<count]
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    private let scratch = ScratchFolder()

    private func start(
        _ terminal: Terminal, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Process {
        let process = Process()
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.executableURL = URL(fileURLWithPath: CommandRun.program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        process.standardInput = terminal.other
        process.standardError = terminal.other
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Waits for its end, but not for ever: what this tests is how it ends.
    private func end(_ process: Process) {
        if !wait(until: { !process.isRunning }) { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    private func wait(until condition: () -> Bool) -> Bool {
        for _ in 0..<200 {
            if condition() { return true }
            usleep(50_000)
        }
        return condition()
    }

    @Test func `A typed passphrase is not shown and the terminal echoes again afterwards`() throws {
        let terminal = try Terminal()
        #expect(terminal.echoes)
        let process = try start(terminal, ["keys", "new", "KZ"])
        #expect(wait { !terminal.echoes })
        var shown = terminal.shown()
        terminal.type("a secret\n")
        shown += terminal.shown()
        terminal.type("a secret\n")
        end(process)
        shown += terminal.shown()
        #expect(process.terminationStatus == 0, "\(shown)")
        #expect(shown.contains("Passphrase of the keys of KZ: "))
        #expect(shown.contains("The same again: "))
        #expect(!shown.contains("secret"))
        #expect(terminal.echoes)
    }

    @Test func `A rotation says which key a passphrase is for, and a wrong one may be typed again`() throws {
        try establish()
        let terminal = try Terminal()
        let process = try start(terminal, ["keys", "rotate", "KZ", "signer", "--draft", "new.draft"])
        var shown = ""
        for (number, line) in ["new one\n", "new one\n", "a slip\n", "old one\n"].enumerated() {
            expectPrompt(number + 1, at: terminal, &shown)
            terminal.type(line)
        }
        end(process)
        shown += terminal.shown()
        #expect(process.terminationStatus == 0, "\(shown)")
        let prompts = shown.split(whereSeparator: \.isNewline).filter {
            $0.contains("assphrase") || $0.contains("again")
        }
        #expect(
            prompts.prefix(5).map { $0.trimmingCharacters(in: .whitespaces) } == [
                "Passphrase for the new key of KZ:", "The same again:", "Passphrase that opens the present keys of KZ:",
                "This passphrase does not open keys/private/KZ-authority.pem.",
                "Passphrase that opens the present keys of KZ:",
            ], "\(shown)")
        let pem = try String(contentsOfFile: scratch.file("keys/private/KZ-signer-3.pem"), encoding: .utf8)
        #expect(pem.contains("ENCRYPTED"))
    }

    @Test func `After the third wrong passphrase nobody is asked again`() throws {
        try establish()
        let terminal = try Terminal()
        let process = try start(terminal, ["keys", "rotate", "KZ", "signer", "--unencrypted", "--draft", "new.draft"])
        var shown = ""
        for number in 1...3 {
            expectPrompt(number, at: terminal, &shown)
            terminal.type("a slip\n")
        }
        end(process)
        shown += terminal.shown()
        #expect(process.terminationStatus == 4, "\(shown)")
        #expect(shown.contains("the passphrase does not open keys/private/KZ-authority.pem"))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("new.draft")))
    }

    /// What is typed before the terminal is silent is thrown away.
    private func expectPrompt(_ number: Int, at terminal: Terminal, _ shown: inout String) {
        var text = shown
        #expect(
            wait {
                text += terminal.shown()
                return text.components(separatedBy: ": ").count > number && !terminal.echoes
            }, "\(text)")
        shown = text
    }

    private func establish() throws {
        try scratch.write("old one\n", to: "old")
        for arguments in [
            ["keys", "new", "KZ"], ["keys", "new", "UZ"], ["init", "--origin", "registry.example/terminal", "--yes"],
        ] {
            let run = try CommandRun.bitim(arguments + ["--passphrase-file", "old"], folder: scratch.path)
            #expect(run.status == 0, "\(run.standardError)")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    func `A signal at the prompt leaves a terminal that echoes`(_ number: Int32) throws {
        let terminal = try Terminal()
        let process = try start(terminal, ["keys", "new", "KZ"])
        #expect(wait { !terminal.echoes })
        _ = terminal.shown()
        terminal.type("half a sec")
        #expect(kill(process.processIdentifier, number) == 0)
        end(process)
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == number)
        #expect(terminal.echoes)
        #expect(!FileManager.default.fileExists(atPath: scratch.file("keys")))
    }

    @Test func `A program that is stopped at the prompt gives the terminal back and hides again`() throws {
        let terminal = try Terminal()
        let process = try start(terminal, ["keys", "new", "KZ"])
        #expect(wait { !terminal.echoes })
        #expect(kill(process.processIdentifier, SIGTSTP) == 0)
        #expect(wait { terminal.echoes })
        usleep(100_000)
        #expect(kill(process.processIdentifier, SIGCONT) == 0)
        #expect(wait { !terminal.echoes })
        _ = terminal.shown()
        terminal.type("a secret\n")
        _ = terminal.shown()
        terminal.type("a secret\n")
        end(process)
        #expect(process.terminationStatus == 0)
        #expect(terminal.echoes)
    }

    @Test func `Who waits at a terminal sees how far the reading has come, and nothing is left of it`() async throws {
        let registry = try await ScratchRegistry.established()
        let registrar = try await registry.registrar()
        for number in 1...300 {
            _ = try registrar.sign(
                registrar.statement(
                    of: .agreementRegistered(ScratchRegistry.body(title: "Agreement \(number)")),
                    agreement: AgreementID("P-\(number)")!), documents: [:])
        }
        _ = try await registrar.commit()
        try scratch.write("A text.\n", to: "text.txt")
        let folders = ["--registry", registry.registry.path, "--keys", registry.keys.path]
        let add = ["add", "text.txt", "--title", "en=A text", "--kind", "agreement", "--sign", "KZ,UZ", "--yes"]
        // Those that take longest. Otherwise a reading that takes no tenth of a second shows nothing.
        let atOnce = ["BITIM_TEST_PROGRESS_AT_ONCE": "1"]
        for command in [["audit"], ["verify", "text.txt"], add] {
            let terminal = try Terminal()
            let process = try start(terminal, command + folders, environment: atOnce)
            end(process)
            let shown = terminal.shown()
            #expect(shown.contains("reading [") && shown.contains(" of 301, "), "\(command): \(shown)")
            let left = shown.components(separatedBy: "\r\u{1B}[K").last ?? ""
            #expect(!left.contains("reading"), "\(command): \(shown)")
        }
        for quiet in ["--quiet", "-q"] {
            let terminal = try Terminal()
            end(try start(terminal, ["audit", quiet] + folders, environment: atOnce))
            #expect(!terminal.shown().contains("reading"))
        }
    }
}
