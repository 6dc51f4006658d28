internal import Agreements
internal import ArgumentParser
internal import Registry
internal import TiledLog

/// For `make install` and for packagers: not shown in the help.
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Write the manual: a page for each command.",
        discussion: HelpText.text(
            "Their date is today's, or that of SOURCE_DATE_EPOCH.", example: "bitim manual .build/man"),
        shouldDisplay: false)

    @Argument(help: ArgumentHelp("An empty folder for the pages.", valueName: "folder"), completion: Completion.folders)
    var folder: String

    func run() throws {
        let root = try CommandDescription.root()
        for command in root.all where command.shouldDisplay {
            let page = ManualPage(command: command, root: root, date: try Self.date())
            try OutputFile.write(Array(page.text.utf8), to: "\(folder)/\(page.fileName)")
        }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    private static func date() throws -> String {
        let epoch = Environment.variables["SOURCE_DATE_EPOCH"]
        let seconds = epoch.map(Int64.init) ?? currentTime()
        guard let seconds, let date = CalendarDate(daysSinceEpoch: seconds / 86_400) else {
            throw RegistryError(
                .usage, "SOURCE_DATE_EPOCH is '\(epoch ?? "")', not a time", hint: "give it in seconds since 1970")
        }
        return "\(months[date.month - 1]) \(date.day), \(date.year)"
    }
}
