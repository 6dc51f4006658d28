internal import ArgumentParser
internal import Registry

/// The words of a command line that name a command, and the first one that names none.
struct CommandWords {
    /// With the program's name.
    let path: [String]
    /// What stands where a subcommand was expected; nil for an option, or the end.
    let unknown: String?
    /// The names that would have been understood there.
    let known: [String]

    init(_ arguments: [String]) {
        var path = ["bitim"]
        var command: any ParsableCommand.Type = BitimCommand.self
        var rest = arguments[...]
        while let word = rest.first, let next = Self.subcommand(word, of: command) {
            path.append(word)
            command = next
            rest = rest.dropFirst()
        }
        self.path = path
        known = command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .compactMap { $0.configuration.commandName }
        unknown = known.isEmpty ? nil : rest.first.flatMap { $0.hasPrefix("-") ? nil : $0 }
    }

    private static func subcommand(
        _ word: String, of command: any ParsableCommand.Type
    ) -> (any ParsableCommand.Type)? {
        command.configuration.subcommands.first { $0.configuration.commandName == word }
    }

    /// For a word that is no command: what was perhaps meant.
    var error: RegistryError? {
        guard let unknown, unknown != "help" else { return nil }
        let near = known.filter { Self.isNear(unknown, $0) }.map { "'\((path + [$0]).joined(separator: " "))'" }
        let help = "see '\(path.joined(separator: " ")) --help'"
        return RegistryError(
            .usage, "there is no command '\((path + [unknown]).joined(separator: " "))'",
            hint: near.isEmpty ? help : "did you mean \(near.joined(separator: " or "))? \(help)")
    }

    /// Whether one begins with the other, or two changes make them the same.
    static func isNear(_ word: String, _ name: String) -> Bool {
        if word.count > 2, name.hasPrefix(word) || word.hasPrefix(name) { return true }
        var row = Array(0...name.count)
        for (line, character) in word.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in name.enumerated() {
                let changed = diagonal + (character == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, min(diagonal, row[column]) + 1)
            }
        }
        return row[name.count] <= min(2, name.count / 2)
    }
}
