import Foundation
import Glibc
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

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
        // The folder beside it is the test's own too.
        let outer = ScratchFolder()
        let folder = try ProgramFolder(in: outer.path)
        let inside = name.hasPrefix("/") ? name : "\(folder.path)/\(name)"
        if !name.hasPrefix("/") {
            try FileManager.default.createDirectory(atPath: "\(folder.path)/a", withIntermediateDirectories: true)
            try Data("outside".utf8).write(to: URL(fileURLWithPath: inside))
        }
        let before = try Self.files(in: outer.path)
        let run = try add(name.hasPrefix("-") ? "./\(name)" : name, folder)
        // Registered under a plain name, or refused; never anywhere else.
        #expect(try Self.files(in: outer.path) == before)
        #expect([0, 64, 1].contains(run.status), "\(run.standardError)")
        #expect(!run.standardError.unicodeScalars.contains("\u{202E}"))
        #expect(try await folder.audit().verdict == .passed)
        // Nor do they leave it anywhere else: by name, never by path.
        try FileManager.default.createDirectory(atPath: "\(folder.path)/out", withIntermediateDirectories: false)
        let plain = URL(fileURLWithPath: inside).lastPathComponent
        let kept = try Self.files(in: outer.path)
        for asked in [name, plain] {
            let options = ["--document=\(asked)", "-o", "out"]
            let isThere = run.status == 0 && asked == plain
            let exported = try folder.run(["export", "H-1"] + options, status: nil)
            #expect(exported.status == (isThere ? 0 : 4), "\(asked): \(exported.standardError)")
            #expect(!exported.standardError.unicodeScalars.contains("\u{202E}"))
            let new = try Self.files(in: outer.path).subtracting(kept)
            let out = "\(URL(fileURLWithPath: folder.path).lastPathComponent)/out/\(plain)"
            #expect(new == (isThere ? [out] : []), "\(new)")
            try? FileManager.default.removeItem(atPath: "\(outer.path)/\(out)")
        }
    }

    /// But for those that a registry, or keys, consist of.
    private static func files(in folder: String) throws -> Set<String> {
        Set(
            try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
                !$0.contains("/registry/") && !$0.contains("/keys/")
            })
    }

    @Test func `A folder of the registry that leads elsewhere is told, and nothing is written through it`() async throws
    {
        func contents(_ path: String) throws -> [String: Data?] {
            try FileManager.default.subpathsOfDirectory(atPath: path).reduce(into: [:]) {
                $0[$1] = try? Data(contentsOf: URL(fileURLWithPath: "\(path)/\($1)"))
            }
        }
        for name in [
            "documents", "checkpoints", "ledger", "ledger/tile", "ledger/tile/0", "ledger/tile/entries",
            "ledger/tile/entries/000.p", "certificates", "state", "state/temporary",
        ] {
            let folder = try ProgramFolder()
            let outside = try ProgramFolder()
            let target = "\(outside.path)/elsewhere"
            let link = "\(folder.path)/registry/\(name)"
            try FileManager.default.moveItem(atPath: link, toPath: target)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
            // Where the document's own folder is there already, only the one above it leads elsewhere.
            if name == "documents" {
                let digest = try CommandRun.run("/usr/bin/sha256sum", ["new.txt"], folder: folder.path)
                    .standardOutput
                try FileManager.default.createDirectory(
                    atPath: "\(target)/\(digest.prefix(2))", withIntermediateDirectories: true)
            }
            let before = try contents(target)
            let run = try add("new.txt", folder)
            #expect(try contents(target) == before, "\(name)")
            // Nothing of certificates is written by this.
            if name != "certificates" {
                #expect(run.status != 0 && run.standardError.contains("bitim: error:"), "\(name): \(run.standardError)")
            }
            if !name.hasPrefix("state") {
                #expect(try await folder.audit().verdict != .passed, "\(name)")
            }
            // A repair puts the link aside with all that is wrong, and writes nothing through it either.
            try folder.run(["repair"], status: nil)
            #expect(try contents(target) == before, "\(name)")
        }
    }

    /// Whoever can make hard links hopes that something is written into the file that they share.
    @Test func `A file that also has another name is replaced, and what is under the other name stays`() async throws {
        let environment = ["BITIM_TEST_INDEX_FROM": "1"]
        func add(_ folder: ProgramFolder) throws -> CommandRun {
            try CommandRun.bitim(
                ["add", "new.txt", "--id", "NEW", "--title", "en=N", "--kind", "plan", "--sign", "KZ,UZ", "--yes"],
                folder: folder.path, environment: environment)
        }
        /// Regular files of the registry and of the keys.
        func contents(_ folder: ProgramFolder) throws -> [String: Data] {
            try FileManager.default.subpathsOfDirectory(atPath: folder.path).reduce(into: [:]) { files, name in
                let path = "\(folder.path)/\(name)"
                guard name.contains("/"), Files.kind(path) == .regular else { return }
                files[name] = try Data(contentsOf: URL(fileURLWithPath: path))
            }
        }
        // Nothing is put in the place of a stored checkpoint: it may be what makes a second history known.
        let stored = "registry/checkpoints/003"
        let folder = try ProgramFolder()
        // The first who looks makes the index, and the next goes on from it.
        let look = try CommandRun.bitim(["publish"], folder: folder.path, environment: environment)
        try #require(look.status == 0, "\(look.standardError)")
        let pristine = try folder.kept()
        let before = try contents(folder)
        try #require(try add(folder).status == 0)
        let written = try contents(folder).filter { before[$0.key] != $0.value }.keys.sorted()
        for name in [
            "registry/ledger/checkpoint", stored, "registry/ledger/tile/0/000.p/3",
            "registry/ledger/tile/entries/000.p/3", "registry/state/index.sqlite", "keys/private/log.state",
            "keys/private/KZ-witness.state", "keys/private/index.seal",
        ] {
            #expect(written.contains(name), "\(name)")
        }
        #expect(written.contains { $0.hasPrefix("registry/documents/") })
        for name in written + [nil] {
            try pristine.restore()
            let others = "\(folder.path)/others"
            try FileManager.default.createDirectory(atPath: others, withIntermediateDirectories: false)
            // Those that are there already, or another's file at the place of one that is to come.
            for (number, shared) in (name.map { [$0] } ?? before.keys.sorted()).enumerated() {
                let (path, other) = ("\(folder.path)/\(shared)", "\(others)/\(number)")
                if Files.kind(path) == nil {
                    try Data("another's\n".utf8).write(to: URL(fileURLWithPath: other))
                    let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
                    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
                    try FileManager.default.linkItem(atPath: other, toPath: path)
                } else {
                    try FileManager.default.linkItem(atPath: path, toPath: other)
                }
            }
            let shared = try contents(folder).filter { $0.key.hasPrefix("others/") }
            let run = try add(folder)
            let place = name ?? "all that are there"
            #expect(try contents(folder).filter { $0.key.hasPrefix("others/") } == shared, "\(place)")
            #expect(run.status == (name == stored ? 1 : 0), "\(place): \(run.standardError)")
            #expect(try await folder.audit().verdict == (name == stored ? .failed : .passed), "\(place)")
        }
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
        for name in [
            "registry", "keys/..", "keys", "keys/identity", "keys/policy", "keys/KZ", "keys/KZ/authority.pem",
            "keys/UZ/signer-2.pem", "keys/UZ/witness.vkey",
        ] {
            let (path, key) = ("\(folder.path)/\(name)", name == "registry" ? "registry.writable" : "keys.writable")
            let told = name == "registry" ? "." : name
            let mode = try #require(Files.permissions(path))
            try Self.set(mode | 0o002, path)
            var report = try await folder.audit()
            #expect(report.findings.map(\.key) == [key], "\(name): \(report.findings)")
            #expect(report.findings.first?.path == told && report.findings.first?.severity == .warning)
            // In a folder like /tmp nobody but its owner gives a file of it another name.
            try Self.set(mode | 0o1002, path)
            report = try await folder.audit()
            #expect(report.findings.map(\.key) == (name == "keys/.." ? [] : [key]), "\(name): \(report.findings)")
            // The group that has its owner's name, and nobody else in it, is its owner.
            try Self.set(mode | 0o020, path)
            #expect(try await folder.audit().findings.isEmpty)
            if geteuid() == 0 {
                try #require(chown(path, 0, Self.other) == 0)
                report = try await folder.audit()
                #expect(report.findings.map(\.key) == [key], "\(name): \(report.findings)")
                #expect(report.findings.first?.message.hasPrefix("the group \(Self.other) may") == true)
                try #require(chown(path, 0, 0) == 0)
            }
            try Self.set(mode, path)
            // Whoever only reads a registry need not have it as their own.
            if geteuid() == 0, name != "registry" {
                try #require(chown(path, Self.other, 0) == 0)
                report = try await folder.audit()
                #expect(report.findings.map(\.key) == [key], "\(name): \(report.findings)")
                #expect(report.findings.first?.message.hasPrefix("the user \(Self.other) may") == true)
                try #require(chown(path, 0, 0) == 0)
            }
            #expect(try await folder.audit().findings.isEmpty)
        }
        try #require(try add("new.txt", folder).status == 0)
    }

    /// A user and a group that nobody has.
    private static let other: UInt32 = 54_321

    private static func set(_ mode: UInt32, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: Int(mode)], ofItemAtPath: path)
    }

    @Test func `A key or a memory that others may change signs nothing`() async throws {
        let folder = try ProgramFolder()
        let pristine = try folder.kept()
        let head = try OpenedLedger.open(
            registry: RegistryFolder(path: "\(folder.path)/registry"), keys: KeysFolder(path: "\(folder.path)/keys")
        ).publishedHead
        for name in ["log.pem", "KZ-witness.pem", "UZ-signer-1.pem", "log.state", "UZ-witness.state", ""] {
            let path = "\(folder.path)/keys/private" + (name.isEmpty ? "" : "/\(name)")
            // Without the key of a witness it is pending.
            let status: Int32 = name == "KZ-witness.pem" ? 3 : 4
            let before = try #require(Files.permissions(path))
            for mode in [before | 0o002, before | 0o020] {
                try Self.set(mode, path)
                let run = try add("new.txt", folder)
                let reason = name.hasSuffix(".pem") ? "can be read by others" : "others may"
                #expect(run.status == status && run.standardError.contains(reason), "\(name): \(run.standardError)")
                if name.hasSuffix(".state") {
                    // Nor is another one begun in its place.
                    let signer = name.replacing(".state", with: "")
                    let tree = "\(head.size):\(head.root.hex)"
                    let run = try folder.run(["keys", "resume", signer, "--tree", tree, "--yes"], status: nil)
                    #expect(run.status == 4 && run.standardError.contains(reason), "\(name): \(run.standardError)")
                }
            }
            try Self.set(before, path)
            if geteuid() == 0 {
                try #require(chown(path, Self.other, 0) == 0)
                let run = try add("new.txt", folder)
                #expect(
                    run.status == status && run.standardError.contains("belongs to another user"),
                    "\(name): \(run.standardError)")
            }
            try pristine.restore()
        }
        try #require(try add("new.txt", folder).status == 0)
    }

    @Test(arguments: ["pipe", "link", "folder", "no folder above"])
    func `It is told what stands in the place of the log's key`(_ kind: String) throws {
        let folder = try ProgramFolder()
        let path = "keys/private/log.pem"
        let script =
            switch kind {
            case "pipe": "rm \(path); mkfifo \(path)"
            case "link": "mv \(path) key; ln -s ../../key \(path)"
            case "folder": "rm \(path); mkdir \(path)"
            default: "rm -r keys/private; touch keys/private"
            }
        try #require(try CommandRun.run("/bin/sh", ["-c", script], folder: folder.path).status == 0)
        let run = try add("new.txt", folder)
        let reason =
            kind == "no folder above"
            ? "keys/private: cannot list: Not a directory" : "keys/private/log.pem is no regular file"
        #expect(run.status == 4 && run.standardError.contains(reason), "\(run.standardError)")
    }

    private static let secret = "correct horse battery staple 2025"

    private static let slip = "incorrect horse battery staple 2026"

    /// Every word that it gives to a system call: other programs' arguments and environment, files, messages.
    private static func traced(_ arguments: [String], to log: String) -> [String] {
        let calls = "execve,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg"
        return ["-f", "-q", "-s", "100000", "-e", "trace=\(calls)", "-o", log, CommandRun.program] + arguments
    }

    @Test(.hangLimit) func `A passphrase is in no list of processes, log, error, file or core dump`() async throws {
        let folder = ScratchFolder()
        let logs = ScratchFolder()
        try folder.write(Self.secret + "\n", to: "secret")
        try folder.write(Self.slip + "\n", to: "wrong")
        try folder.write("a text\n", to: "text.txt")
        for name in ["secret", "wrong"] { try CommandRun.restrict(folder.file(name)) }
        func silent(_ text: String, _ what: String) {
            for passphrase in [Self.secret, Self.slip] { #expect(!text.contains(passphrase), "\(what)") }
        }
        func run(_ arguments: [String], status: Int32) throws {
            let run = try CommandRun.run(
                "/usr/bin/strace", Self.traced(arguments, to: logs.file("log")), folder: folder.path)
            #expect(run.status == status, "\(arguments): \(run.standardError)")
            if status == 4 { #expect(run.standardError.contains("the passphrase does not open"), "\(arguments)") }
            let trace = try String(contentsOfFile: logs.file("log"), encoding: .utf8)
            #expect(trace.contains("execve(") && trace.contains("write("))
            silent(trace + run.standardOutput + run.standardError, "\(arguments)")
        }
        let right = ["--passphrase-file", "secret"]
        let wrong = ["--passphrase-file", "wrong"]
        let add = [
            "add", "text.txt", "--id", "H-1", "--title", "en=H", "--kind", "plan", "--sign", "KZ,UZ", "--offline",
            "--yes",
        ]
        for party in ["KZ", "UZ"] { try run(["keys", "new", party] + right, status: 0) }
        let initialise = ["init", "--origin", "test.example/secrets", "--yes"]
        try run(initialise + wrong, status: 4)
        try run(initialise + right, status: 0)
        try run(add + wrong, status: 4)
        try run(add + right, status: 0)

        // A witness opens its key once, and runs for long.
        let (registryPort, witnessPort) = (freePort(), freePort())
        let server = try RunningProgram(["serve", "--listen", "127.0.0.1:\(registryPort)"], folder: folder.path)
        try await server.wait(for: "\"listening\"")
        try FileManager.default.createDirectory(atPath: folder.file("witness"), withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: folder.file("keys"), toPath: folder.file("witness/keys"))
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.file("keys/private")) {
            let other = name.hasPrefix("KZ-witness") ? "keys" : "witness/keys"
            try FileManager.default.removeItem(atPath: folder.file("\(other)/private/\(name)"))
        }
        let witness = [
            "witness", "serve", "KZ", "--from", "http://127.0.0.1:\(registryPort)", "--listen",
            "127.0.0.1:\(witnessPort)", "--registry", "witness/registry", "--keys", "witness/keys", "--log-level",
            "debug",
        ]
        // Before it has a copy it knows of no name for its key, and must open it all the same.
        try run(witness + wrong, status: 4)
        let serving = try RunningProgram(
            // The process that is started is the program's own.
            ["-D"] + Self.traced(witness + right, to: logs.file("witness")), folder: folder.path,
            program: "/usr/bin/strace")
        try await serving.wait(for: "\"listening\"")
        let address = ["keys", "url", "KZ", "http://127.0.0.1:\(witnessPort)"]
        try #require(try CommandRun.bitim(address, folder: folder.path).status == 0)
        try folder.write("another text\n", to: "text.txt")
        let asked = add.filter { $0 != "--offline" }.map { $0 == "H-1" ? "H-2" : $0 }
        try run(asked + right, status: 0)
        #expect(serving.terminate() == 0)
        #expect(serving.log.contains("\"entries were looked at\""), "\(serving.log)")
        silent(serving.log + server.log, "witness serve")
        var trace = ""
        var isWhole: Bool {
            let last = trace.split(separator: "\n").last ?? ""
            return last.hasPrefix("\(serving.processIdentifier) ") && last.hasSuffix("+++ exited with 0 +++")
        }
        // strace ends a little after what it has traced.
        for _ in 0..<1500 where !isWhole {
            try await Task.sleep(for: .milliseconds(20))
            trace = try String(contentsOfFile: logs.file("witness"), encoding: .utf8)
        }
        #expect(isWhole && trace.contains("were looked at"))
        silent(trace, "witness serve")
        try run(witness + wrong, status: 4)

        let found = try CommandRun.run(
            "/bin/grep", ["-rlF", "-e", Self.secret, "-e", Self.slip, "."], folder: folder.path)
        #expect(found.standardOutput.split(separator: "\n").sorted() == ["./secret", "./wrong"])
        // No option takes one.
        let help = try CommandRun.bitim(["keys", "new", "--help"], folder: folder.path).standardOutput
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
