import Foundation
import Support
import Testing

/// Operators that do what no honest one would.
@Suite struct MisbehaviourTests {
    /// `before` is the same registry before anything was added, with every key: what is added there is another history.
    private static func forked() async throws -> TwoCapitals {
        let capitals = try TwoCapitals()
        try await capitals.start()
        #expect(try capitals.add("A-1").status == 0)
        #expect(try capitals.add("A-2").status == 0)
        // What is published has reached the witnesses' copies before the operator turns bad.
        for party in ["KZ", "UZ"] {
            try await capitals.startWitness(party)
            for _ in 0..<300 {
                if try capitals.audit("\(party)/registry", keys: "\(party)/keys") == "passed" { break }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        return capitals
    }

    @Test(.hangLimit, arguments: [1, 2, 3])
    func `A log that forks gets no second cosignature, and the evidence convinces from the policy alone`(
        entries: Int
    ) async throws {
        let capitals = try await Self.forked()
        // The other history, of one entry more than was cosigned, as many, or fewer.
        try FileManager.default.removeItem(atPath: capitals.scratch.file("before/keys/private/KZ-witness.pem"))
        try FileManager.default.removeItem(atPath: capitals.scratch.file("before/keys/private/UZ-witness.pem"))
        for number in 1...entries {
            #expect(try capitals.add("B-\(number)", in: "before", "--offline").status == 3)
        }
        for (party, port) in capitals.witnessPorts {
            try capitals.run("before", "keys", "url", party, "http://127.0.0.1:\(port)")
        }
        try await capitals.serve("before")
        let publish = try capitals.bitim("before", ["publish"])
        #expect(publish.status == 3, "\(publish.standardError)")
        #expect(!publish.standardError.contains("cosigned \(entries + 1) entries"))
        for party in ["KZ", "UZ"] {
            let files = capitals.names(in: "\(party)/registry/evidence")
            #expect(files.count == 1, "\(party): \(capitals.witnesses[party]?.log ?? "")")
            #expect(capitals.witnesses[party]?.log.contains("the log has signed two histories") ?? false)
            let evidence = "\(party)/registry/evidence/\(files.first ?? "")"
            // A third party has the policy, and nothing else.
            try FileManager.default.createDirectory(
                atPath: capitals.scratch.file("third"), withIntermediateDirectories: true)
            try? FileManager.default.copyItem(
                atPath: capitals.scratch.file("KZ/keys/policy"), toPath: capitals.scratch.file("third/policy"))
            let verified = try capitals.bitim(".", ["verify", evidence, "--keys", "third"])
            #expect(verified.status == 0, "\(verified.standardOutput)\(verified.standardError)")
            #expect(verified.standardOutput.contains("passed, evidence"))
            try Self.expectEveryChangeIsSeen(capitals, evidence)
            #expect(try capitals.audit("\(party)/registry", keys: "\(party)/keys") == "passed")
        }
    }

    /// A byte of the evidence that is changed never leaves something else that passes.
    private static func expectEveryChangeIsSeen(_ capitals: TwoCapitals, _ evidence: String) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: capitals.scratch.file(evidence))))
        for position in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 12)) {
            var changed = bytes
            changed[position] ^= 0x01
            try capitals.scratch.write(changed, to: "changed.evidence")
            let run = try capitals.bitim(".", ["verify", "changed.evidence", "--keys", "third"])
            #expect(run.status != 0, "byte \(position): \(run.standardOutput)")
        }
    }

    @Test(.hangLimit)
    func `A mirror keeps the evidence of two published histories, and an auditor who kept a checkpoint does`()
        async throws
    {
        let capitals = try await Self.forked()
        #expect(try capitals.mirror().status == 0)
        try capitals.scratch.write(
            try capitals.run("op", "checkpoint").standardOutput, to: "kept.checkpoint")
        // With copies of both witnesses' keys and memories: everybody on that machine conspires.
        for number in 1...4 { #expect(try capitals.add("B-\(number)", in: "before").status == 0) }
        try await capitals.serve("before")
        let run = try capitals.mirror()
        #expect(run.status == 1)
        #expect(run.standardError.contains("the log has signed two histories"), "\(run.standardError)")
        let files = capitals.names(in: "copy/evidence")
        #expect(files.count == 1)
        let verified = try capitals.bitim(".", ["verify", "copy/evidence/\(files.first ?? "")", "--keys", "KZ/keys"])
        #expect(verified.status == 0, "\(verified.standardOutput)")
        // The copy stays what it was, and tells.
        let audit = try capitals.bitim(".", ["audit", "--registry", "copy", "--keys", "KZ/keys"])
        #expect(audit.status == 0, "\(audit.standardOutput)")
        #expect(audit.standardOutput.contains("evidence.held"))
        #expect(
            try capitals.bitim(".", ["list", "--registry", "copy", "--keys", "KZ/keys", "-q"]).standardOutput
                == "A-1\nA-2\n")

        let since = try capitals.bitim(
            ".", ["audit", "--registry", "before/registry", "--keys", "KZ/keys", "--since", "kept.checkpoint", "-q"])
        #expect(since.status == 1)
        #expect(since.standardError.contains("kept.checkpoint.evidence"))
        let kept = try capitals.bitim(".", ["verify", "kept.checkpoint.evidence", "--keys", "KZ/keys"])
        #expect(kept.status == 0, "\(kept.standardOutput)")
        // The next night, with more in it: the same answer, and both files.
        #expect(try capitals.add("B-5", in: "before").status == 0)
        let again = try capitals.bitim(
            ".", ["audit", "--registry", "before/registry", "--keys", "KZ/keys", "--since", "kept.checkpoint", "-q"])
        #expect(again.status == 1)
        #expect(again.standardOutput == "failed\n")
        #expect(
            capitals.names(in: ".").filter { $0.hasPrefix("kept.checkpoint") && $0.hasSuffix(".evidence") }.count == 2)
    }

    @Test(.hangLimit)
    func `A ledger that has shrunk is refused by mirror and witness, without a word of two histories`() async throws {
        let capitals = try await Self.forked()
        #expect(try capitals.mirror().status == 0)
        try await capitals.serve("before")
        let run = try capitals.mirror()
        #expect(run.status == 1)
        #expect(run.standardError.contains("a larger tree was served before"), "\(run.standardError)")
        #expect(!capitals.isThere("copy/evidence"))
        #expect(try capitals.audit("copy") == "passed")
    }

    // MARK: What is served is not what was signed

    /// What the operator serves, changed after it was signed and before anybody has seen it.
    private static func tampered(
        _ change: (TwoCapitals) throws -> Void
    ) async throws -> (capitals: TwoCapitals, publish: CommandRun, mirror: CommandRun) {
        let capitals = try TwoCapitals()
        try await capitals.start()
        #expect(try capitals.add("A-1").status == 0)
        #expect(try capitals.mirror().status == 0)
        #expect(try capitals.add("A-2", "--offline").status == 3)
        try change(capitals)
        try await capitals.serve()
        let publish = try capitals.bitim("op", ["publish"])
        // A conspiring machine that has the witnesses' keys would publish it all the same: the mirror sees it then.
        try capitals.copy("op", to: "conspiracy")
        for party in ["KZ", "UZ"] {
            for name in ["\(party)-witness.pem", "\(party)-witness.state"] {
                try FileManager.default.copyItem(
                    atPath: capitals.scratch.file("\(party)/keys/private/\(name)"),
                    toPath: capitals.scratch.file("conspiracy/keys/private/\(name)"))
            }
        }
        return (capitals, publish, try capitals.mirror())
    }

    private static func flip(_ capitals: TwoCapitals, _ name: String, at position: Int) throws {
        let path = capitals.scratch.file(name)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[position] ^= 0x40
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    @Test(.hangLimit) func `Other tiles than were signed are refused, and named`() async throws {
        let capitals = try TwoCapitals()
        try await capitals.start()
        #expect(try capitals.add("A-1").status == 0)
        #expect(try capitals.mirror().status == 0)
        #expect(try capitals.add("A-2").status == 0)
        // What is served is not what was signed, and the operator's own machine would not sign over it.
        try Self.flip(capitals, "op/registry/ledger/tile/0/000.p/3", at: 70)
        try await capitals.serve()
        let mirror = try capitals.mirror()
        #expect(mirror.status == 1)
        #expect(mirror.standardError.contains("ledger/tile/0/000.p/3"), "\(mirror.standardError)")
        let json = try capitals.bitim(".", ["mirror", capitals.url, "copy", "--keys", "KZ/keys", "--json"])
        #expect(json.standardOutput.contains("\"key\":\"ledger.tile.mismatch\""), "\(json.standardOutput)")
        #expect(json.standardOutput.contains("ledger/tile/0/000.p/3"))
        #expect(try capitals.audit("copy") == "passed")
        // Once it is right again, it is taken.
        try Self.flip(capitals, "op/registry/ledger/tile/0/000.p/3", at: 70)
        try await capitals.serve()
        #expect(try capitals.mirror().status == 0)
        #expect(try capitals.audit("copy") == "passed")
    }

    @Test(.hangLimit) func `Another entry than was signed is refused, and named`() async throws {
        let capitals = try TwoCapitals()
        try await capitals.start()
        #expect(try capitals.add("A-1").status == 0)
        #expect(try capitals.mirror().status == 0)
        #expect(try capitals.add("A-2").status == 0)
        let bundle = "op/registry/ledger/tile/entries/000.p/3"
        let size = try Data(contentsOf: URL(fileURLWithPath: capitals.scratch.file(bundle))).count
        try Self.flip(capitals, bundle, at: size - 20)
        try await capitals.serve()
        let json = try capitals.bitim(".", ["mirror", capitals.url, "copy", "--keys", "KZ/keys", "--json"])
        #expect(json.status == 1)
        #expect(json.standardOutput.contains("\"key\":\"entry.mismatch\""), "\(json.standardOutput)")
        #expect(json.standardOutput.contains("\"entry\":2"))
        #expect(try capitals.audit("copy") == "passed")
    }

    @Test(.hangLimit) func `A document that is withheld is refused by witness and mirror, and named`() async throws {
        let (capitals, publish, _) = try await Self.tampered { capitals in
            let documents = capitals.scratch.file("op/registry/documents")
            for folder in try FileManager.default.contentsOfDirectory(atPath: documents) {
                for name in try FileManager.default.contentsOfDirectory(atPath: "\(documents)/\(folder)") {
                    let path = "\(documents)/\(folder)/\(name)"
                    if try String(contentsOfFile: path, encoding: .utf8).contains("A-2") {
                        try FileManager.default.moveItem(atPath: path, toPath: capitals.scratch.file("withheld"))
                    }
                }
            }
        }
        #expect(publish.status == 3)
        #expect(publish.standardError.contains("document.missing"), "\(publish.standardError)")
        for party in ["KZ", "UZ"] {
            #expect(capitals.witnesses[party]?.log.contains("document.missing") ?? false)
        }
        // With it, all is well, and nothing was lost.
        let digest = try CommandRun.run("/usr/bin/sha256sum", ["withheld"], folder: capitals.scratch.path)
            .standardOutput.prefix(64)
        try FileManager.default.createDirectory(
            atPath: capitals.scratch.file("op/registry/documents/\(digest.prefix(2))"),
            withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            atPath: capitals.scratch.file("withheld"),
            toPath: capitals.scratch.file("op/registry/documents/\(digest.prefix(2))/\(digest)"))
        #expect(try capitals.bitim("op", ["publish"]).status == 0)
        #expect(try capitals.mirror().status == 0)
    }

    @Test(.hangLimit) func `A mirror refuses a published tree whose document is withheld or another one`() async throws
    {
        let capitals = try TwoCapitals()
        try await capitals.start()
        #expect(try capitals.add("A-1").status == 0)
        let documents = capitals.names(in: "op/registry/documents")
        let folder = try #require(documents.first)
        let name = try #require(capitals.names(in: "op/registry/documents/\(folder)").first)
        let path = "op/registry/documents/\(folder)/\(name)"
        let bytes = try capitals.text(path)
        try capitals.scratch.write("the text of A-2\n", to: path)
        try await capitals.serve()
        let other = try capitals.bitim(".", ["mirror", capitals.url, "copy", "--keys", "KZ/keys", "--json"])
        #expect(other.status == 1)
        #expect(other.standardOutput.contains("\"key\":\"document.mismatch\""), "\(other.standardOutput)")
        try FileManager.default.removeItem(atPath: capitals.scratch.file(path))
        let missing = try capitals.bitim(".", ["mirror", capitals.url, "copy", "--keys", "KZ/keys", "--json"])
        #expect(missing.status == 1)
        #expect(missing.standardOutput.contains("\"key\":\"document.missing\""), "\(missing.standardOutput)")
        #expect(!capitals.isThere("copy/ledger/checkpoint"))
        try capitals.scratch.write(bytes, to: path)
        #expect(try capitals.mirror().status == 0)
        #expect(try capitals.audit("copy") == "passed")
    }
}
