import Foundation
import Registry
import Support
import Testing
import TiledLog

/// Whoever has a login on the machine, or a document to be registered.
@Suite(.serialized) struct HostileHandsTests {
    private func add(_ name: String, _ folder: ProgramFolder, _ more: [String] = []) throws -> CommandRun {
        try folder.run(
            ["add", name, "--id", "H-1", "--title", "en=H", "--kind", "plan", "--sign", "KZ,UZ", "--yes"] + more,
            status: nil)
    }

    @Test(arguments: [
        "../outside.txt", "/etc/hostname", "a/../../outside.txt", "x\u{202E}y.txt", "-n.txt", "con\nx.txt",
    ])
    func `A document lies under its digest, whatever its name`(name: String) async throws {
        let folder = try ProgramFolder()
        let inside = name.hasPrefix("/") ? name : "\(folder.path)/\(name)"
        if !name.hasPrefix("/") {
            try FileManager.default.createDirectory(atPath: "\(folder.path)/a", withIntermediateDirectories: true)
            try Data("outside".utf8).write(to: URL(fileURLWithPath: inside))
        }
        defer {
            if name.hasPrefix("../") || name.hasPrefix("a/..") { try? FileManager.default.removeItem(atPath: inside) }
        }
        let before = Set(
            try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
                !$0.hasPrefix("registry") && !$0.hasPrefix("keys")
            })
        let run = try add(name.hasPrefix("-") ? "./\(name)" : name, folder)
        // Registered under a plain name, or refused; never anywhere else.
        let after = Set(
            try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
                !$0.hasPrefix("registry") && !$0.hasPrefix("keys")
            })
        #expect(before == after)
        #expect([0, 64, 1].contains(run.status), "\(run.standardError)")
        #expect(!run.standardError.unicodeScalars.contains("\u{202E}"))
        #expect(try await folder.audit().verdict == .passed)
        // Nor do they leave it anywhere else: by name, never by path.
        let exported = try folder.run(["export", "H-1", "--documents", "out"], status: nil)
        #expect([0, 4, 64].contains(exported.status), "\(exported.standardError)")
        #expect(Files.kind("\(folder.path)/../outside.txt.out") == nil)
    }

    @Test func `A folder of the registry that leads elsewhere is told, and nothing is written through it`() async throws
    {
        for name in ["documents", "checkpoints", "ledger/tile/0", "state/temporary", "certificates"] {
            let folder = try ProgramFolder()
            let outside = try ProgramFolder()
            let target = "\(outside.path)/elsewhere"
            try FileManager.default.moveItem(atPath: "\(folder.path)/registry/\(name)", toPath: target)
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder.path)/registry/\(name)", withDestinationPath: target)
            let before = try FileManager.default.subpathsOfDirectory(atPath: target)
            let run = try add("new.txt", folder)
            if name != "state/temporary" {
                #expect(try await folder.audit().verdict != .passed, "\(name)")
            }
            if run.status != 0 {
                #expect(try FileManager.default.subpathsOfDirectory(atPath: target).count <= before.count, "\(name)")
            }
        }
    }

    @Test func `A file that also has another name is replaced, and what is under the other name stays`() async throws {
        let folder = try ProgramFolder()
        // Whoever can make hard links hopes that something is written into the file that they share.
        let own = "\(folder.path)/mine"
        try FileManager.default.linkItem(atPath: "\(folder.path)/registry/ledger/checkpoint", toPath: own)
        let before = try Data(contentsOf: URL(fileURLWithPath: own))
        try #require(try add("new.txt", folder).status == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: own)) == before)
        #expect(try await folder.audit().verdict == .passed)
    }

    @Test func `A document that changes between looking and copying is not registered`() async throws {
        let folder = try ProgramFolder()
        let path = "\(folder.path)/racing.txt"
        var refused = 0
        for round in 0..<6 {
            let bytes = Data(repeating: UInt8(round), count: 3_000_000)
            try bytes.write(to: URL(fileURLWithPath: path))
            let running = try RunningProgram(
                [
                    "add", "racing.txt", "--id", "R-\(round)", "--title", "en=R", "--kind", "plan", "--sign", "KZ,UZ",
                    "--yes",
                ],
                folder: folder.path)
            var flips = 0
            while running.isRunning {
                // The same size and another content, again and again.
                let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
                try handle.seek(toOffset: UInt64(flips * 7919 % 3_000_000))
                try handle.write(contentsOf: Data([UInt8(truncatingIfNeeded: flips)]))
                try handle.close()
                flips += 1
                try await Task.sleep(for: .milliseconds(2))
            }
            if running.terminate() != 0 { refused += 1 }
            // Whatever was registered, its bytes are those that were signed.
            let report = try await folder.audit()
            #expect(report.verdict != .failed, "\(report.findings)")
            #expect(report.documents.missing == 0, "\(report.findings)")
        }
        #expect(refused > 0)
    }

    @Test func `Where others may write, no key is used, and it is told what is trusted there`() async throws {
        let folder = try ProgramFolder()
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: "\(folder.path)/keys/private")
        let run = try add("new.txt", folder)
        #expect(run.status == 4 && run.standardError.contains("others may put files into"), "\(run.standardError)")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: "\(folder.path)/keys/private")
        for name in ["keys", "keys/identity", "keys/policy", "keys/KZ"] {
            let mode = try #require(Files.permissions("\(folder.path)/\(name)"))
            try FileManager.default.setAttributes(
                [.posixPermissions: Int(mode | 0o002)], ofItemAtPath: "\(folder.path)/\(name)")
            let report = try await folder.audit()
            #expect(report.findings.map(\.key) == ["keys.writable"], "\(name): \(report.findings)")
            #expect(report.findings.first?.path == name)
            try FileManager.default.setAttributes(
                [.posixPermissions: Int(mode)], ofItemAtPath: "\(folder.path)/\(name)")
        }
        try #require(try add("new.txt", folder).status == 0)
    }

    private static let secret = "correct horse battery staple 2025"

    @Test func `A passphrase is in no list of processes, log, error, file or core dump`() async throws {
        let folder = try ProgramFolder()
        try folder.write(Self.secret + "\n", to: "secret")
        let arguments = ["keys", "new", "AA", "--passphrase-file", "secret"]
        let log = "\(folder.path).trace"
        defer { try? FileManager.default.removeItem(atPath: log) }
        // Every word that it gives to a system call: other programs' arguments and environment, files, messages.
        let run = try CommandRun.run(
            "/usr/bin/strace",
            ["-f", "-qq", "-s", "100000", "-e", "trace=execve,write,writev,sendto", "-o", log, CommandRun.program]
                + arguments,
            folder: folder.path)
        #expect(run.status == 0, "\(run.standardError)")
        let wrong = try folder.run(["keys", "new", "BB", "--passphrase-file", "nowhere"], status: nil)
        try folder.write("wrong\n", to: "wrong")
        for text in [
            try String(contentsOfFile: log, encoding: .utf8), run.standardOutput, run.standardError,
            wrong.standardError,
        ] { #expect(!text.contains(Self.secret)) }
        let found = try CommandRun.run(
            "/bin/grep", ["-rlF", Self.secret, "."], folder: folder.path)
        #expect(found.standardOutput == "./secret\n")
        // No option takes one.
        let help = try folder.run(["keys", "new", "--help"]).standardOutput
        #expect(!help.contains("--passphrase <") && help.contains("--passphrase-file"))
    }

    /// The core dump of a server is tried for: a program beside it shows that one would be written.
    @Test func `A process that has keys in its memory leaves no core dump`() throws {
        let script = """
            import os, resource, signal, subprocess, sys, time
            resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            # Whoever runs the tests may have it ignored, or blocked, and processes inherit that.
            signal.signal(signal.SIGABRT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGABRT])
            def dumps(arguments):
                process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(1.5)
                os.kill(process.pid, signal.SIGABRT)
                status = os.waitpid(process.pid, 0)[1]
                return os.WCOREDUMP(status) if os.WIFSIGNALED(status) else "ended by itself"
            print(dumps(["sleep", "60"]), dumps([sys.argv[1], "serve", "--listen", "127.0.0.1:0"]))
            """
        let folder = try ProgramFolder()
        let run = try CommandRun.run(
            "/usr/bin/env", ["python3", "-c", script, CommandRun.program], folder: folder.path,
            environment: ["SWIFT_BACKTRACE": "enable=no"])
        let words = run.standardOutput.split(whereSeparator: \.isWhitespace)
        #expect(words.count == 2, "\(run.standardError)")
        #expect(words.last == "False", "\(run.standardOutput)")
        // Where this machine writes no core dumps at all, that alone shows nothing: then it is seen that they are forbidden.
        let traced = try CommandRun.run(
            "/usr/bin/strace", ["-f", "-qq", "-e", "trace=prctl", CommandRun.program, "list", "-q"], folder: folder.path
        )
        #expect(traced.standardError.contains("prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0"))
    }
}
