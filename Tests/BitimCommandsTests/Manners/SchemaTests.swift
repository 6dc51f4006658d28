import Foundation
import Support
import Testing

@testable import BitimCommands

/// What `--json` answers, held against `docs/schema/`.
@Suite struct SchemaTests {
    private static let folder = PackageRoot.file("docs/schema")
    // Not kept until the process ends: LeakSanitizer does not see what the marked pointers of enumerations hold.
    private static func schemas() throws -> JSONSchema { try JSONSchema(folder: folder) }
    private static let commands = CommandTree.leaves.filter { $0.takes("--json") }

    /// The schema of a command, or of the command above it: `record.json` is that of every event.
    private static func file(_ command: CommandDescription, in schemas: JSONSchema) -> String? {
        var names = Array(command.path.dropFirst())
        while !names.isEmpty {
            let name = names.joined(separator: "-") + ".json"
            if schemas.files[name] != nil { return name }
            names.removeLast()
        }
        return nil
    }

    @Test(arguments: commands.map(\.name))
    func `Every command with --json has a schema`(name: String) throws {
        let command = try #require(CommandTree.named(name))
        let schemas = try Self.schemas()
        #expect(
            Self.file(command, in: schemas) != nil,
            "docs/schema/\(command.path.dropFirst().joined(separator: "-")).json is missing")
    }

    @Test func `Schemas are strict, and none is left over`() throws {
        let schemas = try Self.schemas()
        var used = Set(Self.commands.compactMap { Self.file($0, in: schemas) })
        while case let more = used.union(used.flatMap(schemas.references)), more != used { used = more }
        #expect(used == Set(schemas.files.keys))
        for file in schemas.files.keys.sorted() {
            #expect(schemas.leniencies(of: file).isEmpty)
            #expect(
                schemas.files[file]?["$schema"] == .string("https://json-schema.org/draft/2020-12/schema"), "\(file)")
        }
    }

    @Test(arguments: commands.map(\.name))
    func `A failure's answer is as every schema says`(name: String) throws {
        let command = try #require(CommandTree.named(name))
        let schemas = try Self.schemas()
        let file = try #require(Self.file(command, in: schemas))
        let run = try CommandRun.bitim(
            command.path.dropFirst() + ["--frobnicate", "--json"], folder: PackageRoot.path)
        #expect(run.status == 64)
        let answer = try JSONValue(parsing: run.standardOutput)
        #expect(answer["error"]?["code"] == .string("usage"), "\(run.standardOutput)")
        #expect(try schemas.faults(of: answer, file: file).isEmpty)
    }

    @Test(.hangLimit) func `What every command answers is as its schema says, and nothing else would be`() async throws
    {
        let schemas = try Self.schemas()
        let scratch = ScratchFolder()
        let program = URL(fileURLWithPath: CommandRun.program).deletingLastPathComponent().path
        var done: Set<String> = []
        var server: RunningProgram?
        var environment = ["PATH": "\(program):/usr/bin:/bin"]
        for step in try Self.steps() {
            if step == "serve" {
                let started = try RunningProgram(["serve", "--listen", "127.0.0.1:0"], folder: scratch.path)
                try await started.wait(for: "\"listening\"")
                server = started
                environment["SERVED"] = started.url
                continue
            }
            let run = try CommandRun.run(
                "/bin/sh", ["-c", step], folder: scratch.path,
                environment: environment)
            guard step.contains("--json") else {
                #expect(run.status == 0, "\(step): \(run.standardError)")
                continue
            }
            let words = step.split(separator: " ").map(String.init)
            let command = try #require(Self.commands.last { words.starts(with: $0.path) }, "\(step)")
            let file = try #require(Self.file(command, in: schemas), "\(step)")
            let answer = try JSONValue(parsing: run.standardOutput)
            let faults = try schemas.faults(of: answer, file: file)
            #expect(faults.isEmpty, "\(step): \(faults.joined(separator: "; "))\n\(run.standardOutput)")
            if answer["error"] == nil { done.insert(command.name) }
            for (mutant, what) in Self.mutants(of: answer) {
                #expect(try !schemas.faults(of: mutant, file: file).isEmpty, "\(step): accepted with \(what)")
            }
        }
        server?.kill()
        for command in Self.commands where !done.contains(command.name) {
            Issue.record(
                "no answer of '\(command.name) --json' is held against its schema: add it to schema-steps.txt")
        }
    }

    /// Command lines, one a line, in the order in which they are run.
    private static func steps() throws -> [String] {
        let path = PackageRoot.file("Tests/BitimCommandsTests/Manners/schema-steps.txt")
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") }
    }

    /// Objects whose members are data: any are right.
    private static let open: Set<String> = ["title", "name", "byStatus", "body"]

    /// The answer with one fault each: a member too many, one missing, one of another type.
    private static func mutants(of value: JSONValue, at place: String = "") -> [(JSONValue, String)] {
        switch value {
        case .object(let members):
            var found: [(JSONValue, String)] = []
            found.append((.object(members.merging(["surprise": .null]) { $1 }), "a surprise in \(place)"))
            for (name, member) in members {
                let path = "\(place).\(name)"
                // The one member that is there only when it was asked for.
                if path != ".since" {
                    found.append((.object(members.filter { $0.key != name }), "no \(path)"))
                }
                found.append(
                    (.object(members.merging([name: .array([.bool(true)])]) { $1 }), "another type of \(path)"))
                if !open.contains(name) {
                    for (mutant, what) in mutants(of: member, at: path) {
                        found.append((.object(members.merging([name: mutant]) { $1 }), what))
                    }
                }
            }
            return found
        case .array(let values):
            // Elements are alike: the first stands for all.
            guard let first = values.first else { return [] }
            return mutants(of: first, at: "\(place)[0]").map { (.array([$0.0] + values.dropFirst()), $0.1) }
        default:
            return []
        }
    }
}
