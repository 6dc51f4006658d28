import Agreements
import Foundation
import Registry
import Support
import Testing

/// Nothing that leaves `registry/restricted/` tells what a restricted document says: not its digest, which would let
/// anyone test a guess, nor its words, nor its key.
@Suite struct RestrictedLeakTests {
    private static let phrase = "the towers of Samarkand shall be nine"
    private static let text = "It is agreed that \(phrase).\n"

    /// Everything that is said by every command that meets a restricted document.
    private func life(in folder: CommandFolder) throws -> Data {
        var said = Data()
        func run(_ arguments: String, status: Int32 = 0) throws {
            let run = try folder.bitim(arguments.split(separator: " ").map(String.init))
            #expect(run.status == status, "\(arguments)\n\(run.standardOutput)\(run.standardError)")
            said += Data(run.standardOutput.utf8) + Data(run.standardError.utf8)
        }
        let add = "add --restricted secret.txt --kind agreement --sign KZ,UZ --yes --id R-1"
        try run(add)
        try run("export R-1 --document document-1 -o handed.txt")
        try run("\(add) --json")
        try run("\(add) --notes Other", status: 1)
        try run("\(add) --notes Other --json", status: 1)
        try run("record noted R-1 --party KZ --kind declaration --restricted secret.txt --yes")
        for format in ["", " --json", " --quiet"] {
            for command in ["list", "show R-1", "verify R-1", "audit", "verify secret.txt --key handed.txt.key"] {
                try run(command + format)
            }
            try run("verify secret.txt\(format)", status: 1)
            try run("verify secret.txt --key other.key\(format)", status: 1)
        }
        try run("verify secret.txt --key secret.txt", status: 4)
        for file in ["trail.json --format json", "trail.csv --format csv"] {
            try run("export -o \(file)")
            try run("export R-1 -o own-\(file)")
        }
        for entry in [1, 2] { try run("export --entry \(entry) --format cms -o entry-\(entry).cms") }
        try run("verify entry-1.cms secret.txt --key handed.txt.key")
        try run("verify entry-2.cms secret.txt --key handed.txt.key", status: 1)
        try run("verify entry-1.cms secret.txt", status: 1)
        try run("prove 1 -o proof.tlog-proof")
        try run("verify proof.tlog-proof entry-1.cms secret.txt --key handed.txt.key --json")
        try run("verify proof.tlog-proof entry-1.cms secret.txt --json", status: 1)
        try run("verify trail.json secret.txt --key handed.txt.key --json")
        // By name, and then only to files.
        try run("export R-1 --document document-1", status: 64)
        try run("export R-1 --document document-1 --entry 1", status: 64)
        try run("export R-1 --document document-1 --entry 1 -o handed.txt", status: 5)
        try run("export R-1 --document document-2 -o other.txt", status: 4)
        return said
    }

    @Test func `A restricted document cannot be found outside its folder, by content, digest or key`() async throws {
        let folder = try CommandFolder()
        let scratch = folder.scratch
        try scratch.write(Self.text, to: "secret.txt")
        try scratch.write(try DocumentKey.random().fileBytes, to: "other.key")
        let said = try life(in: folder)
        #expect(said.count > 10_000)
        let search = LeakSearch(content: Array(Self.text.utf8), phrase: Self.phrase)
        #expect(search.found(in: said) == [])
        // Outside the registry, what was given and what was asked for by name.
        for name in ["secret.txt", "handed.txt", "handed.txt.key"] {
            try FileManager.default.removeItem(atPath: scratch.file(name))
        }
        let places = try search.found(under: scratch.path)
        #expect(places.count == 2)
        #expect(places.allSatisfy { $0.hasPrefix("registry/restricted/") && $0.hasSuffix(": content") }, "\(places)")
        try requireKeysApart(scratch, said)
        #expect(try await folder.audit().verdict == .passed)
    }

    /// The keys are in their own files and nowhere else.
    private func requireKeysApart(_ scratch: ScratchFolder, _ said: Data) throws {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: scratch.path)
        let keyPaths = paths.filter { $0.hasPrefix("registry/restricted/") && $0.hasSuffix(".key") }
        #expect(keyPaths.count == 2)
        for keyPath in keyPaths {
            let line = try Data(contentsOf: URL(fileURLWithPath: scratch.file(keyPath)))
            let digits = line.dropFirst(16).dropLast()
            let bytes = Data(LowercaseHex.decode(digits)!)
            for needle in [Data(digits), bytes, Data(bytes.base64EncodedString().dropLast().utf8)] {
                #expect(said.range(of: needle) == nil)
                for path in paths where !path.hasSuffix(".key") {
                    var isFolder: ObjCBool = false
                    _ = FileManager.default.fileExists(atPath: scratch.file(path), isDirectory: &isFolder)
                    guard !isFolder.boolValue else { continue }
                    let content = try Data(contentsOf: URL(fileURLWithPath: scratch.file(path)))
                    #expect(content.range(of: needle) == nil, "\(path)")
                }
            }
        }
    }

    /// The search itself finds what is there to be found.
    @Test func `The same document registered as a public one is found by content and digest`() throws {
        let folder = try CommandFolder()
        try folder.scratch.write(Self.text, to: "open.txt")
        let run = try folder.bitim([
            "add", "open.txt", "--title", "en=Open", "--kind", "agreement", "--sign", "KZ,UZ", "--yes",
        ])
        #expect(run.status == 0, "\(run.standardError)")
        let search = LeakSearch(content: Array(Self.text.utf8), phrase: Self.phrase)
        #expect(search.found(in: Data(run.standardError.utf8)) == ["digest in hex"])
        let places = try search.found(under: folder.scratch.file("registry"))
        #expect(places.contains { $0.hasPrefix("documents/") && $0.hasSuffix(": content") })
        #expect(places.contains { $0.hasPrefix("documents/") && $0.hasSuffix(": digest in hex") })
        #expect(places.contains { $0.hasPrefix("ledger/tile/entries/") && $0.hasSuffix(": digest in hex") })
    }
}
