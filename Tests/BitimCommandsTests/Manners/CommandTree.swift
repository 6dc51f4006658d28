@testable import BitimCommands

/// All commands that a user sees, as the program itself describes them: a command that is added later is tested too.
enum CommandTree {
    static let all: [CommandDescription] = (try? CommandDescription.root().all.filter(\.shouldDisplay)) ?? []
    static let leaves = all.filter(\.isLeaf)

    static func named(_ name: String) -> CommandDescription? { all.first { $0.name == name } }
}

extension CommandDescription {
    /// `bitim record consented`
    var name: String { path.joined(separator: " ") }
}
