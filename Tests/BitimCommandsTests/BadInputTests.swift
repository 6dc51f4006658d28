import Foundation
import Support
import Testing

/// Bad input gets one clear message with a hint and the right status, never a trap, and leaves nothing half-written.
@Suite struct BadInputTests {
    /// A copy of the shipped registry with a folder of bad things beside it.
    private func folder() throws -> ScratchFolder {
        let scratch = ScratchFolder()
        for name in ["registry", "keys"] {
            try FileManager.default.copyItem(atPath: PackageRoot.file(name), toPath: scratch.file(name))
        }
        try scratch.write("no CMS at all\n", to: "text.cms")
        try scratch.write([], to: "empty")
        try FileManager.default.createDirectory(atPath: scratch.file("folder"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: scratch.file("loop"), withDestinationPath: "loop")
        try FileManager.default.createSymbolicLink(atPath: scratch.file("link"), withDestinationPath: "registry")
        try scratch.write("not for everyone\n", to: "unreadable")
        _ = try CommandRun.run("/bin/sh", ["-c", "truncate -s 100M zeros; mkfifo pipe"], folder: scratch.path)
        return scratch
    }

    private static let cases: [(arguments: [String], status: Int32, message: String)] = [
        (["verify", "text.cms"], 1, ""),
        (["verify", "zeros"], 1, ""),
        (["verify", "empty"], 64, "empty is empty"),
        (["verify", "folder"], 4, "folder: not a regular file"),
        (["verify", "loop"], 4, "loop"),
        (["verify", "pipe"], 4, "pipe: not a regular file"),
        (["verify", "nowhere.pdf"], 4, "nowhere.pdf: no such file"),
        (["verify", "NO-SUCH-ID"], 4, "there is no file and no agreement NO-SUCH-ID"),
        (["show", "no such id"], 64, "'no such id' is not an agreement's id"),
        (["show", "no-such-id"], 64, "ids, such as KZ-UZ-2025-06, begin with a capital letter or a digit"),
        (["show", "NO-SUCH-ID"], 4, "there is no agreement NO-SUCH-ID"),
        (["list", "--registry", "nowhere"], 4, "there is no registry in nowhere"),
        (["list", "--registry", "text.cms"], 4, "there is no registry in text.cms"),
        (["audit", "--registry", "folder"], 4, "there is no registry in folder"),
        (["audit", "--registry", "link"], 4, "link is no folder: a link to one is not followed"),
        (["export", "--format", "cms"], 64, "needs an id or --entry"),
        (["export", "--format", "cms", "--entry", "99"], 4, "there is no such entry"),
        (["export", "--format", "cms", "--entry", "-1"], 64, ""),
        (["export", "-o", "folder"], 64, "folder is a folder"),
        (["export", "-o", "nowhere/trail.json"], 4, "nowhere: no such folder"),
        (["export", "--format", "xml"], 64, "xml"),
        (["add", "text.cms", "--sign", "KZ,UZ"], 64, "--title"),
        (["add", "text.cms", "--title", "en=A", "--kind", "song", "--sign", "KZ,UZ", "--yes"], 64, "--kind is 'song'"),
        (
            ["add", "text.cms", "--title", "A", "--kind", "treaty", "--sign", "KZ,UZ", "--yes"], 64,
            "does not begin with a language"
        ),
        (
            ["add", "nowhere", "--title", "en=A", "--kind", "treaty", "--sign", "KZ,UZ", "--yes"], 4,
            "nowhere: no such file"
        ),
        (
            ["add", "text.cms", "--title", "en=A", "--kind", "treaty", "--sign", "KZ,UZ"], 64,
            "nobody is there to confirm"
        ),
        (
            ["add", "text.cms", "--title", "en=A", "--kind", "treaty", "--sign", "KZ,UZ", "--yes"], 4,
            "the log's key is not in"
        ),
        (
            ["add", "text.cms", "--title", "en=A", "--kind", "treaty", "--sign", "KZ;UZ", "--yes"], 64,
            "not a party's id"
        ),
        (["add", "--from", "text.cms", "--sign", "KZ,UZ", "--yes"], 64, "not JSON"),
        (["add", "--from", "nowhere.json", "--sign", "KZ,UZ", "--yes"], 4, "nowhere.json: no such file"),
        (["add", "--from", "nowhere.der", "--yes"], 4, "nowhere.der: no such file"),
        (
            ["record", "consented", "KZ-UZ-2025-06", "--party", "KZ", "--means", "prayer", "--yes"], 64,
            "--means is 'prayer'"
        ),
        (
            [
                "record", "consented", "KZ-UZ-2025-06", "--party", "KZ", "--means", "ratification", "--date",
                "2026-02-30", "--yes",
            ], 64, "--date is '2026-02-30'"
        ),
        (
            ["record", "corrected", "KZ-UZ-2025-06", "--sign", "KZ,UZ", "--unset", "parties", "--yes"], 64,
            "one of the following: title, binding, field, "
        ),
        (["prove", "KZ-UZ-2025-06", "-o", "text.cms"], 5, "hint: name another file, or take that one away"),
        (["export", "-o", "text.cms"], 5, "hint: name another file, or say --force"),
        (["keys", "new", "kz"], 64, "'kz' is not a party's id"),
        (["keys", "new", "KZ", "--unencrypted"], 5, "is there already"),
        (["keys", "new", "TJ"], 64, "need a passphrase, and there is no terminal"),
        (["keys", "new", "TJ", "--passphrase-file", "empty"], 64, "empty or too long"),
        (["keys", "new", "TJ", "--passphrase-file", "zeros"], 4, "larger than"),
        (["keys", "new", "TJ", "--passphrase-fd", "77"], 4, "descriptor 77 cannot be read"),
        (["keys", "show", "TJ"], 4, "there are no keys of TJ"),
        (["keys", "resume", "log", "--tree", "20"], 64, "is not a tree"),
        (
            ["init", "--origin", "new.example", "--yes", "--unencrypted-log"], 5,
            "there is a registry in registry already"
        ),
        (["frobnicate"], 64, ""),
        (["list", "--frobnicate"], 64, ""),
        (
            ["record", "denounced", "KZ-UZ-2025-06", "--party", "ACM", "--yes"], 64, "ACM is no party of KZ-UZ-2025-06"
        ),
        ([], 0, ""),
    ]

    @Test(arguments: cases.indices)
    func `Bad input gets a message and the right status`(number: Int) throws {
        let (arguments, status, message) = Self.cases[number]
        let scratch = try folder()
        let before = try Self.listing(scratch)
        let run = try CommandRun.bitim(arguments, folder: scratch.path)
        #expect(run.status == status, "\(arguments): \(run.standardOutput) \(run.standardError)")
        #expect(message.isEmpty || run.standardError.contains(message), "\(arguments): \(run.standardError)")
        if status == 64 || status == 4 || status == 5 {
            let errors = run.standardError.components(separatedBy: "\n").filter { $0.hasPrefix("bitim: error: ") }
            #expect(errors.count == 1, "\(arguments): \(run.standardError)")
            #expect(run.standardOutput.isEmpty)
            #expect(!run.standardError.contains("\\u{A}"), "\(arguments): \(run.standardError)")
            #expect(run.standardError.contains("bitim: hint: "), "\(arguments): \(run.standardError)")
        }
        #expect(try Self.listing(scratch) == before, "\(arguments) left something")
    }

    /// Names and sizes of all files but the registry's own state.
    private static func listing(_ scratch: ScratchFolder) throws -> String {
        try CommandRun.run(
            "/bin/sh", ["-c", "find . -path ./registry/state -prune -o -printf '%p %s\\n' | sort"], folder: scratch.path
        ).standardOutput
    }

    @Test func `With --json a failure is JSON too`() throws {
        let scratch = try folder()
        let run = try CommandRun.bitim(["show", "NO-SUCH-ID", "--json"], folder: scratch.path)
        #expect(run.status == 4)
        #expect(run.standardOutput.hasPrefix("{\"error\":{\"code\":\"unavailable\""))
        #expect(run.standardOutput.contains("\"schemaVersion\":1"))
    }

    @Test(arguments: [
        ("kind", "\"kind\": \"decision\"", "\"kind\": 7", "agreements[0].kind (KZ-UZ-2025-01) is not a text"),
        (
            "title", "\"en\": \"Decision of the Supreme Interstate Council on the establishment of the Council",
            "\"en\": 3, \"xx\": \"", "agreements[0].title.en (KZ-UZ-2025-01)"
        ),
        (
            "vocabulary", "\"titleStatus\": \"published\",\n      \"kind\": \"decision\"",
            "\"titleStatus\": \"guessed\",\n      \"kind\": \"decision\"", "titleStatus is 'guessed'"
        ),
        ("document", "records/KZ-UZ-2025-07.md", "records/nowhere.md", "nowhere.md: no such file"),
        ("id", "\"id\": \"KZ-UZ-2025-02\"", "\"id\": \"KZ-UZ-2025-01\"", "an agreement's id is there twice"),
    ])
    func `A fault in one record of a catalogue is named, and nothing is added`(
        name: String, original: String, replacement: String, message: String
    ) throws {
        let scratch = try folder()
        try FileManager.default.copyItem(
            atPath: PackageRoot.file("examples/tashkent-2025"), toPath: scratch.file("examples"))
        let path = scratch.file("examples/tashkent-2025.json")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let range = try #require(text.range(of: original))
        try scratch.write(text.replacingCharacters(in: range, with: replacement), to: "examples/tashkent-2025.json")
        let run = try CommandRun.bitim(
            ["add", "--from", "examples/tashkent-2025.json", "--sign", "KZ,UZ", "--yes"], folder: scratch.path)
        #expect(run.status == 64 || run.status == 4)
        #expect(run.standardError.contains(message), "\(run.standardError)")
    }

    @Test func `A key that others can read, a wrong passphrase and a cut PEM are told apart`() throws {
        let scratch = ScratchFolder()
        try scratch.write("right\n", to: "right")
        try scratch.write("wrong\n", to: "wrong")
        try scratch.write("text\n", to: "text.txt")
        func bitim(_ arguments: [String]) throws -> CommandRun { try CommandRun.bitim(arguments, folder: scratch.path) }
        for party in ["KZ", "UZ"] {
            #expect(try bitim(["keys", "new", party, "--passphrase-file", "right"]).status == 0)
        }
        let key = scratch.file("keys/private/KZ-signer-1.pem")
        let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let folderMode = try FileManager.default.attributesOfItem(atPath: scratch.file("keys/private"))[
            .posixPermissions]
        #expect(folderMode as? Int == 0o700)
        #expect(try String(contentsOfFile: key, encoding: .utf8).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        let keys = try FileManager.default.contentsOfDirectory(atPath: scratch.file("keys/private"))
            .filter { $0.hasSuffix(".pem") }
        #expect(keys.count == 8)
        for name in keys {
            let shown = try CommandRun.run(
                "/usr/bin/openssl", ["asn1parse", "-in", name], folder: scratch.file("keys/private")
            ).standardOutput
            for word in ["PBES2", "scrypt", "aes-256-cbc"] { #expect(shown.contains(word), "\(name): \(shown)") }
        }

        let initialise = ["init", "--origin", "test.example", "--yes", "--passphrase-file"]
        let wrong = try bitim(initialise + ["wrong"])
        #expect(wrong.status == 4)
        #expect(wrong.standardError.contains("the passphrase does not open"))
        #expect(!wrong.standardError.contains("right"))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("registry/ledger")))

        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let readable = try bitim(initialise + ["right"])
        #expect(readable.status == 4)
        #expect(readable.standardError.contains("can be read by others"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)

        let whole = try Data(contentsOf: URL(fileURLWithPath: key))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: key))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        let cut = try bitim(initialise + ["right"])
        #expect(cut.status == 4)
        #expect(cut.standardError.contains("bitim: hint: "))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("registry/ledger")))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("keys/identity")))

        let authority = scratch.file("keys/UZ/authority.pem")
        try whole.write(to: URL(fileURLWithPath: key))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        try Data(contentsOf: URL(fileURLWithPath: authority)).prefix(200).write(to: URL(fileURLWithPath: authority))
        let cutAuthority = try bitim(initialise + ["right"])
        #expect(cutAuthority.status == 4)
        #expect(cutAuthority.standardError.contains("authority.pem"))
    }
}
