import Foundation
import Support
import Testing

/// What is in `registry/`, `keys/` and `examples/`: real input, checked with tools that are not ours.
@Suite struct ShippedRegistryTests {
    private static let sharedCatalogue = PackageRoot.file("../shared/catalogue/tashkent-2025.json")

    private static func json(_ path: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
        return try #require(object as? [String: Any])
    }

    private static func bitim(_ arguments: [String]) throws -> CommandRun {
        try CommandRun.bitim(arguments, folder: PackageRoot.path)
    }

    @Test func `Every entry is accepted by openssl, says what its statement says, and stripped is the leaf`() throws {
        let scratch = ScratchFolder()
        let anchors = try ["KZ", "UZ"].map {
            try String(contentsOfFile: PackageRoot.file("keys/\($0)/authority.pem"), encoding: .utf8)
        }
        try scratch.write(anchors.joined(), to: "both.pem")
        let leaves = try Self.leaves()
        #expect(leaves.count == 20)
        for (index, leaf) in leaves.enumerated() {
            let cms = scratch.file("entry.cms")
            let export = try Self.bitim(["export", "--entry", "\(index)", "--format", "cms", "-o", cms, "--force"])
            #expect(export.status == 0, "\(export.standardError)")
            let verified = try CommandRun.run(
                "/usr/bin/openssl",
                [
                    "cms", "-verify", "-inform", "DER", "-purpose", "any", "-cades", "-CAfile", "both.pem", "-in", cms,
                    "-out", "statement.json",
                ], folder: scratch.path)
            #expect(verified.status == 0, "entry \(index): \(verified.standardError)")
            let statement = try Data(contentsOf: URL(fileURLWithPath: scratch.file("statement.json")))
            #expect(leaf.range(of: statement) != nil)
            let verify = try Self.bitim(["verify", cms, "--quiet"])
            // It is compared with the leaf byte for byte after its certificates are taken out.
            #expect(verify.standardOutput == "passed\n")
        }
    }

    @Test func `A listing of nothing says so`() throws {
        for filter in [["--search", "nosuchword"], ["--status", "in-force"], ["--party", "KZ", "--at", "1"]] {
            let run = try Self.bitim(["list"] + filter)
            #expect(run.status == 0 && run.standardOutput.isEmpty)
            let isEmptyThen = filter.contains("--at")
            #expect(
                run.standardError.contains(
                    isEmptyThen
                        ? "note: no agreement is registered\n"
                        : "note: no agreement is as asked for; 'bitim list' shows them all\n"))
            #expect(try !Self.bitim(["list", "--quiet"] + filter).standardError.contains("no agreement"))
        }
        #expect(try !Self.bitim(["list", "--search", "water"]).standardError.contains("no agreement"))
    }

    /// The entries of the shipped bundle, read without the program.
    private static func leaves() throws -> [Data] {
        let bundle = try Data(
            contentsOf: URL(fileURLWithPath: PackageRoot.file("registry/ledger/tile/entries/000.p/20")))
        var leaves: [Data] = []
        var position = 0
        while position < bundle.count {
            let count = Int(bundle[position]) << 8 | Int(bundle[position + 1])
            leaves.append(bundle.subdata(in: (position + 2)..<(position + 2 + count)))
            position += 2 + count
        }
        return leaves
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: sharedCatalogue)))
    func `The example's catalogue loses and invents no fact of its source`() throws {
        let source = try Self.json(Self.sharedCatalogue)
        let ours = try Self.json(PackageRoot.file("examples/tashkent-2025/tashkent-2025.json"))
        let sourceRecords = try #require(source["agreements"] as? [[String: Any]])
        let ourRecords = try #require(ours["agreements"] as? [[String: Any]])
        #expect(sourceRecords.count == 18 && ourRecords.count == 18)
        for (theirs, own) in zip(sourceRecords, ourRecords) {
            for key in ["id", "title", "titleStatus", "field", "parties", "concluded", "sources"] {
                #expect(theirs[key] as? NSObject == own[key] as? NSObject, "\(key) of \(own["id"] ?? "")")
            }
            let kind = theirs["kind"] as? String == "joint statement" ? "statement" : theirs["kind"] as? String
            #expect(own["kind"] as? String == kind)
            let number = (theirs["publishedListNumber"] as? Int).map(String.init)
            #expect((own["reference"] as? [String: Any])?["number"] as? String == number)
            let notes = (theirs["notes"] as? String)?
                .replacingOccurrences(
                    of: "The seed article's water agreement",
                    with: "The water agreement of the report this collection starts from"
                )
                .replacingOccurrences(of: "The mission's article", with: "The report this collection starts from")
            #expect(own["notes"] as? String == notes)
        }
        #expect(source["laterEvents"] as? NSObject == ours["laterEvents"] as? NSObject)
        #expect(source["parties"] as? NSObject == ours["parties"] as? NSObject)
    }

    @Test func `Each record of the catalogue is registered as it stands`() throws {
        let catalogue = try Self.json(PackageRoot.file("examples/tashkent-2025/tashkent-2025.json"))
        for record in try #require(catalogue["agreements"] as? [[String: Any]]) {
            let id = try #require(record["id"] as? String)
            let run = try Self.bitim(["show", id, "--json"])
            #expect(run.status == 0)
            let shown = try #require(
                try JSONSerialization.jsonObject(with: Data(run.standardOutput.utf8)) as? [String: Any])
            let events = try #require(shown["events"] as? [[String: Any]])
            #expect(events.count == (id == "KZ-UZ-2025-06" ? 2 : 1))
            let statement = try #require(events[0]["statement"] as? [String: Any])
            let body = try #require(statement["body"] as? [String: Any])
            for key in [
                "title", "titleStatus", "kind", "field", "parties", "concluded", "sources", "notes", "reference",
            ] {
                #expect(body[key] as? NSObject == record[key] as? NSObject, "\(key) of \(id)")
            }
            let documents = try #require(body["documents"] as? [[String: Any]])
            #expect(documents.map { $0["role"] as? String } == ["record"])
        }
    }

    @Test func `The ratification is an entry of its own, with its date and sources`() throws {
        let catalogue = try Self.json(PackageRoot.file("examples/tashkent-2025/tashkent-2025.json"))
        let event = try #require((catalogue["laterEvents"] as? [[String: Any]])?.first)
        let run = try Self.bitim(["show", "KZ-UZ-2025-06", "--json"])
        let shown = try #require(
            try JSONSerialization.jsonObject(with: Data(run.standardOutput.utf8)) as? [String: Any])
        let events = try #require(shown["events"] as? [[String: Any]])
        let statement = try #require(events[1]["statement"] as? [String: Any])
        let body = try #require(statement["body"] as? [String: Any])
        #expect(statement["event"] as? String == "agreement.consented")
        #expect(body["means"] as? String == "ratification")
        for key in ["date", "party", "instrument", "sources"] {
            #expect(body[key] as? NSObject == event[key] as? NSObject, "\(key)")
        }
    }

    @Test func `Everything says that the keys are a demonstration's`() throws {
        for arguments in [["list"], ["show", "KZ-UZ-2025-01"], ["audit"], ["verify", "KZ-UZ-2025-01"], ["export"]] {
            #expect(try Self.bitim(arguments).standardError.contains("keys of this registry are a demonstration's"))
        }
        let audit = try Self.bitim(["audit", "--json"]).standardOutput
        #expect(audit.contains("\"demonstration\":true"))
        #expect(audit.contains("bitim-demonstration.example"))
        for certificate in try FileManager.default.contentsOfDirectory(
            atPath: PackageRoot.file("registry/certificates"))
        {
            let subject = try CommandRun.run(
                "/usr/bin/openssl", ["x509", "-inform", "DER", "-noout", "-subject", "-in", certificate],
                folder: PackageRoot.file("registry/certificates"))
            #expect(subject.standardOutput.contains("(demonstration)"))
        }
    }

    @Test func `No private key is shipped`() throws {
        let run = try CommandRun.run(
            "/bin/sh", ["-c", "git ls-files registry keys | xargs grep -l 'PRIVATE' || true"], folder: PackageRoot.path)
        #expect(run.standardOutput.isEmpty)
    }
}
