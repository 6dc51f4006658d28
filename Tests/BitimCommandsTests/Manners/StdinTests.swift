import Foundation
import Support
import Testing

/// `-` is stdin wherever a file is read, a pipe that can be read once only; DESIGN, section 6.
@Suite struct StdinTests {
    /// A registry of one's own, with unencrypted keys, and things to read beside it.
    private static func folder() throws -> ScratchFolder {
        let scratch = ScratchFolder()
        let run = try shell(
            """
            for p in KZ UZ; do bitim keys new $p --unencrypted -q; done
            bitim init --origin registry.example/stdin --yes -q --unencrypted-log
            echo one > one.txt; echo two > two.txt
            bitim add one.txt --id A-1 --title en=One --kind plan --sign KZ,UZ --yes -q
            bitim export -q > trail.json; bitim prove A-1 -o . -q; bitim checkpoint > kept
            bitim add two.txt --title en=Two --kind plan --sign KZ,UZ --id A-2 --draft a.draft -q
            """, scratch)
        try #require(run.status == 0, "\(run.standardError)")
        return scratch
    }

    private static func shell(_ script: String, _ scratch: ScratchFolder) throws -> CommandRun {
        let programs = URL(fileURLWithPath: CommandRun.program).deletingLastPathComponent().path
        return try CommandRun.run(
            "/bin/sh", ["-c", "umask 077; PATH=\(programs):$PATH; \(script)"], folder: scratch.path)
    }

    @Test func `Each command that takes a file takes one from a pipe`() throws {
        let scratch = try Self.folder()
        for (script, answer) in [
            ("cat one.txt | bitim verify - -q", "passed\n"),
            ("cat trail.json | bitim verify - -q", "passed\n"),
            ("cat A-1-1.cms | bitim verify - one.txt -q", "passed\n"),
            ("cat A-1-1.tlog-proof | bitim verify - A-1-1.cms -q", "passed\n"),
            ("cat A-1-1.cms | bitim verify A-1-1.tlog-proof - one.txt -q", "passed\n"),
            ("cat one.txt | bitim verify A-1-1.tlog-proof A-1-1.cms - -q", "passed\n"),
            ("cat kept | bitim audit --since - -q", "passed\n"),
            ("cat a.draft | bitim show - -q || true", "waiting\n"),
            ("cat a.draft | bitim show a.draft - -q", "same\n"),
            ("cat a.draft | bitim sign - --statement | grep -c 'agreement.registered'", "1\n"),
            ("cat two.txt | bitim sign a.draft - --party KZ --yes -q -o kz.draft", "kz.draft\n"),
            ("cat kz.draft | bitim sign a.draft --import - -q", "a.draft\n"),
            ("cat a.draft | bitim sign - --party UZ --yes -q > both.draft; bitim show both.draft -q", "ready\n"),
            ("cat both.draft | bitim add - two.txt -q", "A-2\n"),
            (
                "echo three | bitim add - --stdin-name three.txt --title en=T --id A-3 --kind plan --sign KZ,UZ --yes -q",
                "A-3\n"
            ),
            (
                "echo three > three.txt; bitim verify three.txt -q; bitim show A-3 | grep -c 'text: three.txt'",
                "passed\n1\n"
            ),
            ("bitim prove A-1 -o - -q | head -n 1", "c2sp.org/tlog-proof@v1\n"),
            ("bitim export A-1 --format cms -q -o - > out.cms; cmp out.cms A-1-1.cms && ls - 2> /dev/null", ""),
        ] {
            let run = try Self.shell(script, scratch)
            #expect(run.standardOutput == answer, "\(script): \(run.standardOutput) \(run.standardError)")
        }
    }

    @Test func `What is said of it is said of -, and a file of that name is named otherwise`() throws {
        let scratch = try Self.folder()
        let run = try Self.shell("cat one.txt | bitim verify -", scratch)
        #expect(run.standardOutput.hasPrefix("-: passed, document\n"), "\(run.standardOutput)")
        #expect(
            try Self.shell("cp two.txt ./-; cat one.txt | bitim verify ./- -q", scratch).standardOutput == "failed\n")
    }

    @Test func `Two of them, and one without a name to be registered under, are usage errors`() throws {
        let scratch = try Self.folder()
        for script in [
            "bitim verify - -", "bitim verify one.txt - --key -", "bitim sign - -", "bitim sign a.draft --import - -",
            "bitim show - -", "bitim add - --restricted - --stdin-name x --title en=T --kind plan --sign KZ,UZ --yes",
            "bitim publish - -", "bitim keys new ZZ --authority - --signer -",
            "bitim record noted A-1 --party KZ --kind declaration --document - --document - --stdin-name x --yes",
        ] {
            let run = try Self.shell("cat one.txt | \(script)", scratch)
            #expect(run.status == 64, "\(script)")
            #expect(run.standardError.contains("- is there twice, and stdin is one file"), "\(run.standardError)")
        }
        let run = try Self.shell("cat one.txt | bitim add - --title en=T --kind plan --sign KZ,UZ --yes", scratch)
        #expect(run.status == 64)
        #expect(run.standardError.contains("the document from stdin has no name"))
    }

    @Test func `It is read as far as a file would be`() throws {
        let scratch = try Self.folder()
        // Endless, and closed.
        let endless = try Self.shell("yes | bitim audit --since -", scratch)
        #expect(endless.status == 4)
        #expect(endless.standardError.contains("-: larger than 1000000 bytes"), "\(endless.standardError)")
        #expect(try Self.shell("yes '{' | timeout 60 bitim show -", scratch).status == 64)
        #expect(try Self.shell("bitim audit --since - <&-", scratch).status == 4)
        #expect(try Self.shell("bitim verify - < /dev/null", scratch).standardError.contains("- is empty"))
    }
}
