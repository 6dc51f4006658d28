internal import ArgumentParser

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make and look at keys, and change those that the registry goes by.",
        discussion: HelpText.text(
            """
            Keys are made before there is a registry. Those that it names change by an entry that every party signs: \
            rotate puts a new key in the place of an old one, revoke takes one off a list, enrol brings on what was \
            made elsewhere.
            """, example: "bitim keys list", "bitim keys rotate KZ signer --sign KZ,UZ"),
        subcommands: [
            KeysNewCommand.self, KeysListCommand.self, KeysShowCommand.self, KeysRotateCommand.self,
            KeysRevokeCommand.self, KeysEnrolCommand.self, KeysDiscardCommand.self, KeysUpdateCommand.self,
            KeysURLCommand.self, KeysResumeCommand.self,
        ])
}
