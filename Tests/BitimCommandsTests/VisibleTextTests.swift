import Foundation
import Support
import Testing

/// Names and subjects come from people whom nobody vouches for: what a terminal acts upon, or what changes the order in
/// which text is read, is shown escaped wherever it comes from.
@Suite struct VisibleTextTests {
    /// Red from here on, and the end of it read backwards.
    private static let hidden = "red\u{1B}[31m\u{202E}txt\u{2066}"
    private static let shown = "red\\u{1B}[31m\\u{202E}txt\\u{2066}"
    private static let inJSON = "red\\u001b[31m\\u202etxt\\u2066"

    private let scratch = ScratchFolder()

    /// Keys of two parties and a registry of one agreement.
    private func establish() throws {
        for party in ["KZ", "UZ"] where !FileManager.default.fileExists(atPath: scratch.file("keys/\(party)")) {
            try bitim(["keys", "new", party, "--unencrypted"])
        }
        try bitim(["init", "--origin", "test.example/visible", "--unencrypted-log", "--yes"])
        try scratch.write("the text\n", to: "text.txt")
        try bitim(["add", "text.txt"] + Self.description("T-1") + ["--sign", "KZ,UZ", "--yes"])
    }

    private static func description(_ id: String) -> [String] {
        ["--id", id, "--title", "en=Title", "--kind", "treaty"]
    }

    /// Whatever it says, nothing in it is hidden.
    @discardableResult
    private func bitim(_ arguments: [String], status: Int32 = 0) throws -> CommandRun {
        let run = try CommandRun.bitim(arguments, folder: scratch.path)
        #expect(run.status == status, "\(arguments): \(run.standardOutput)\(run.standardError)")
        // A trail's lines in CSV end as RFC 4180 has it.
        for text in [run.standardOutput.replacing("\r\n", with: "\n"), run.standardError] {
            let raw = text.unicodeScalars.filter(Self.isHidden).map { String($0.value, radix: 16) }
            #expect(raw == [], "\(arguments.map(\.debugDescription)): \(text.debugDescription)")
        }
        return run
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
        default: false
        }
    }

    /// It says the text escaped, on stdout or on stderr.
    private func expectShown(
        _ arguments: [String], status: Int32 = 0, as text: String = shown,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let run = try bitim(arguments, status: status)
        let said = run.standardOutput + run.standardError
        let isShown = said.contains(text)
        #expect(isShown, "\(arguments[0]): \(said.debugDescription)", sourceLocation: sourceLocation)
    }

    /// One line of JSON, in which a string is the very text.
    private func expectInJSON(
        _ arguments: [String], status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let run = try bitim(arguments + ["--json"], status: status)
        #expect(run.standardOutput.hasSuffix("\n") && !run.standardOutput.dropLast().contains("\n"))
        #expect(!run.standardOutput.contains("\t"))
        #expect(run.standardOutput.contains(Self.inJSON), "\(run.standardOutput)", sourceLocation: sourceLocation)
        let value = try JSONValue(parsing: run.standardOutput)
        #expect(Self.strings(value).contains { $0.contains(Self.hidden) }, sourceLocation: sourceLocation)
    }

    private static func strings(_ value: JSONValue) -> [String] {
        value.text.map { [$0] } ?? (value.elements ?? value.members.map { Array($0.values) } ?? []).flatMap(strings)
    }

    @Test func `A file that belongs to nothing is told by its escaped name`() throws {
        for name in ["registry", "keys"] {
            try FileManager.default.copyItem(atPath: PackageRoot.file(name), toPath: scratch.file(name))
        }
        try scratch.write("stray", to: "registry/ledger/\(Self.hidden)")
        try expectShown(["audit"], status: 3)
        try expectInJSON(["audit"], status: 3)
        try expectShown(["repair"], status: 3)
        try expectInJSON(["repair"], status: 3)
    }

    @Test func `The subject of a certificate is shown escaped`() throws {
        let authority = ToolAuthority(in: scratch)
        try authority.issue("root", ToolAuthority.ca)
        try authority.issue("signer", by: "root", ToolAuthority.signer)
        try authority.openssl([
            "req", "-new", "-utf8", "-key", "signer.key", "-subj", "/O=A state/CN=\(Self.hidden)", "-out", "signer.csr",
        ])
        try authority.openssl([
            "x509", "-req", "-in", "signer.csr", "-days", "30", "-extfile", "signer.extensions", "-CA", "root.pem",
            "-CAkey", "root.key", "-CAcreateserial", "-out", "signer.pem",
        ])
        try bitim([
            "keys", "new", "KZ", "--authority", "root.pem", "--signer", "signer.pem", "--signer-key", "signer.key",
            "--unencrypted",
        ])
        try establish()
        // RFC 2253 has an escape of its own for control characters, and none for the others.
        let subject = "red\\1B[31m\\u{202E}txt\\u{2066}"
        for arguments in [
            ["keys", "list"], ["keys", "show", "KZ"], ["show", "T-1"], ["verify", "text.txt"],
            ["export", "T-1", "--format", "csv"],
        ] { try expectShown(arguments, as: subject) }
        for arguments in [["keys", "list"], ["show", "T-1"], ["verify", "text.txt"], ["export", "T-1"]] {
            let run = try bitim(arguments + ["--json"])
            #expect(run.standardOutput.contains("red\\\\1B[31m\\u202etxt\\u2066"), "\(run.standardOutput)")
            let strings = Self.strings(try JSONValue(parsing: run.standardOutput))
            #expect(strings.contains { $0.contains("red\\1B[31m\u{202E}txt\u{2066}") }, "\(arguments)")
        }
        try bitim(["audit"])
        try bitim(["audit", "--json"])
        let draft = ["add", "text.txt"] + Self.description("T-2") + ["--sign", "KZ,UZ", "--draft", "plain.draft"]
        try bitim(draft)
        try bitim(["sign", "plain.draft", "--party", "KZ", "--yes"])
        try expectShown(["show", "plain.draft"], status: 3, as: subject)
    }

    @Test func `The name of a draft's file is shown escaped`() throws {
        try establish()
        let name = "\(Self.hidden).draft"
        let add = ["add", "text.txt"] + Self.description("T-2") + ["--sign", "KZ,UZ", "--draft"]
        try expectShown(add + [name])
        // There already, and not written over.
        try expectShown(add + [name], status: 5)
        try expectInJSON(add + [name], status: 5)
        try expectInJSON(["show", name], status: 3)
        try bitim(["show", name], status: 3)
        try expectShown(["sign", name, "--party", "KZ", "--yes"])
        try bitim(["sign", name, "--party", "UZ", "--yes", "-o", "both.draft"])
        try expectShown(["sign", name, "--import", name])
        try bitim(["add", "both.draft", "text.txt"])
        try scratch.write("no draft\n", to: name)
        try expectShown(["show", name], status: 64)
        try expectInJSON(["show", name], status: 64)
    }

    @Test func `The name of a document's file, and what was typed, is shown escaped`() throws {
        try establish()
        let name = "\(Self.hidden).txt"
        let add = Self.description("T-2") + ["--sign", "KZ,UZ", "--yes"]
        try expectShown(["add", name] + add, status: 4)
        try scratch.write("another text\n", to: name)
        // It would be what a statement says.
        let refused = try bitim(["add", name] + add, status: 64)
        #expect(refused.standardError.contains("bitim: error: "))
        try bitim(["add", name, "--json"] + add, status: 64)
        try expectShown(["verify", name], status: 1)
        try expectInJSON(["verify", name], status: 1)
        try expectShown(["show", Self.hidden], status: 64)
        try expectInJSON(["show", Self.hidden], status: 64)
        try expectShown(["list", "--\(Self.hidden)"], status: 64)
        try expectShown(["audit", "--registry", Self.hidden], status: 4)
        try expectInJSON(["audit", "--registry", Self.hidden], status: 4)
        try expectShown(["export", "-o", "\(Self.hidden)/trail.json"], status: 4)
        try expectShown(["prove", "T-1", "-o", "\(Self.hidden).proof"])
        try expectShown(["keys", "new", "AA", "--unencrypted", "--keys", Self.hidden])
        try bitim(["status"])
        try bitim(["list"])
    }
}
