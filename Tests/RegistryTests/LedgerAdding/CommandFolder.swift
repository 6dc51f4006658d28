import Foundation
import Registry
import Support

/// A registry made by the program itself, with unencrypted keys, in a folder of its own.
final class CommandFolder: Sendable {
    let scratch = ScratchFolder()

    init() throws {
        for arguments in [
            ["keys", "new", "KZ", "--unencrypted"], ["keys", "new", "UZ", "--unencrypted"],
            ["init", "--origin", "test.example/program", "--unencrypted-log", "--yes"],
        ] {
            let run = try bitim(arguments)
            guard run.status == 0 else { throw RegistryError(.unavailable, run.standardError, hint: "none") }
        }
    }

    func bitim(_ arguments: [String]) throws -> CommandRun { try CommandRun.bitim(arguments, folder: scratch.path) }

    /// The arguments that register an agreement with a document of its own.
    func adding(_ title: String, id: String?, parties: String = "KZ,UZ") throws -> [String] {
        try scratch.write("The text of \(title).\n", to: "\(title).txt")
        return [
            "add", "\(title).txt", "--title", "en=\(title)", "--kind", "agreement", "--sign", parties, "--yes",
            "--json",
        ]
            + (id.map { ["--id", $0] } ?? [])
    }

    struct Answer: Decodable {
        struct Added: Decodable {
            let index: Int64
            let agreement: String
            let wasThere: Bool
        }

        let state: String
        let treeSize: Int64
        let added: [Added]
    }

    func answer(_ run: CommandRun) throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: Data(run.standardOutput.utf8))
    }

    func audit() async throws -> AuditReport {
        try await Audit(
            registry: RegistryFolder(path: scratch.file("registry")), keys: KeysFolder(path: scratch.file("keys")),
            now: Int64(Date().timeIntervalSince1970)
        ).run()
    }

    /// Titles by id, as `list` has them.
    func list() throws -> [String] {
        let run = try bitim(["list", "--quiet"])
        guard run.status == 0 else { throw RegistryError(.unavailable, run.standardError, hint: "none") }
        return run.standardOutput.split(separator: "\n").map(String.init)
    }
}
