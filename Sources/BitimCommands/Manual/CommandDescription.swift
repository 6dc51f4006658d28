internal import ArgumentParser
internal import FoundationEssentials
internal import Registry

/// A command with its arguments, as ArgumentParser describes it: what the manual is made from.
struct CommandDescription: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable, Equatable {
            enum Kind: String, Decodable { case long, short, longWithSingleDash }

            let kind: Kind
            let name: String

            var text: String { kind == .long ? "--\(name)" : "-\(name)" }
        }

        enum Kind: String, Decodable { case positional, option, flag }

        let kind: Kind
        let shouldDisplay: Bool
        let sectionTitle: String?
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        /// The words that it may be, where there is a list of them that its help does not name.
        let allValues: [String]?
        let abstract: String?
    }

    let superCommands: [String]?
    let shouldDisplay: Bool
    let commandName: String
    let abstract: String?
    let discussion: String?
    let subcommands: [CommandDescription]?
    let arguments: [Argument]?

    /// As it is typed: `bitim`, `record`, `consented`.
    var path: [String] { (superCommands ?? []) + [commandName] }

    /// It and all commands below it, but not `help`, which ArgumentParser adds.
    var all: [CommandDescription] {
        [self] + (subcommands ?? []).filter { $0.commandName != "help" }.flatMap(\.all)
    }

    /// Whether it does something itself.
    var isLeaf: Bool { (subcommands ?? []).isEmpty }

    func takes(_ option: String) -> Bool {
        (arguments ?? []).contains { $0.names?.contains { $0.text == option } ?? false }
    }

    /// The whole program.
    static func root() throws -> CommandDescription {
        struct Tool: Decodable {
            let serializationVersion: Int
            let command: CommandDescription
        }
        do {
            _ = try BitimCommand.parseAsRoot(["--experimental-dump-help"])
        } catch {
            let tool = try JSONDecoder().decode(Tool.self, from: Data(BitimCommand.fullMessage(for: error).utf8))
            if tool.serializationVersion == 0 { return tool.command }
        }
        throw RegistryError(
            .unavailable, "ArgumentParser describes the commands in a form that is not known here",
            hint: "build with the version that Package.swift names")
    }
}
