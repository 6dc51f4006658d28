/// A page of the manual in mdoc (mdoc(7)), which man-db's groff and mandoc both read.
struct ManualPage {
    let command: CommandDescription
    let root: CommandDescription
    /// As `.Dd` wants it: November 23, 2026.
    let date: String

    static let section = 1

    static func title(of command: CommandDescription) -> String { command.path.joined(separator: "-") }

    var fileName: String { "\(Self.title(of: command)).\(Self.section)" }

    var text: String {
        var page = MdocText()
        let title = Self.title(of: command)
        page.macro("Dd", raw: date)
        page.macro("Dt", title.uppercased(), "\(Self.section)")
        page.macro("Os", "Bitim", BitimCommand.version)
        page.section("NAME")
        page.macro("Nm", title)
        page.macro("Nd", (command.abstract ?? "").droppingFullStop)
        synopsis(&page)
        description(&page)
        environment(&page)
        files(&page)
        exitStatus(&page)
        examples(&page)
        seeAlso(&page)
        return page.text
    }

    private var shownArguments: [CommandDescription.Argument] {
        // --version and --help are on the first page.
        (command.arguments ?? []).filter { argument in
            argument.shouldDisplay
                && (command.path.count == 1
                    || !(argument.names ?? []).contains { ["version", "help"].contains($0.name) })
        }
    }

    private func synopsis(_ page: inout MdocText) {
        page.section("SYNOPSIS")
        page.macro("Nm", command.path.joined(separator: " "))
        if !command.isLeaf { page.macro("Ar", "command", "...") }
        for argument in shownArguments where command.isLeaf {
            page.macro(argument.isOptional ? "Op" : "", raw: MdocText.synopsis(of: argument))
        }
    }

    private func description(_ page: inout MdocText) {
        page.section("DESCRIPTION")
        let discussion = HelpText.parts(of: command.discussion ?? "").discussion
        page.paragraphs(discussion.isEmpty ? (command.abstract ?? "") : discussion)
        if !command.isLeaf { commands(&page) }
        var heading: String?
        var isOpen = false
        for argument in shownArguments {
            if !isOpen || argument.sectionTitle != heading {
                if isOpen { page.macro("El") }
                heading = argument.sectionTitle
                if let heading { page.macro("Ss", heading) }
                page.macro("Bl", raw: "-tag -width Ds")
                isOpen = true
            }
            page.macro("It", raw: MdocText.item(of: argument))
            page.words(Self.explanation(of: argument))
        }
        if isOpen { page.macro("El") }
    }

    private static func explanation(of argument: CommandDescription.Argument) -> String {
        var text = argument.abstract ?? ""
        var more: [String] = []
        if let values = argument.allValues, !values.isEmpty {
            more.append("values: \(values.joined(separator: ", "))")
        }
        if let value = argument.defaultValue { more.append("default: \(value)") }
        if !more.isEmpty { text += " (\(more.joined(separator: "; ")))" }
        return text
    }

    private func commands(_ page: inout MdocText) {
        page.macro("Pp")
        page.words("The commands:")
        page.macro("Bl", raw: "-tag -width Ds")
        for below in command.all.dropFirst() where below.isLeaf && below.shouldDisplay {
            page.macro("It", "Xr", Self.title(of: below), "\(Self.section)")
            page.words(below.abstract ?? "")
        }
        page.macro("El")
    }

    private func environment(_ page: inout MdocText) {
        let isRoot = command.path.count == 1
        var variables: [(String, String)] = []
        if isRoot || command.takes("--registry") {
            variables.append(("BITIM_REGISTRY", "The registry's folder, where --registry does not name one."))
        }
        if isRoot || command.takes("--keys") {
            variables.append(("BITIM_KEYS", "The folder of what is trusted, where --keys does not name one."))
        }
        if isRoot {
            variables += [
                (
                    "LC_ALL, LC_MESSAGES, LANG",
                    "The language of titles: the first of the three that is set. A title that is not in it is shown in "
                        + "English, or else in its first language. JSON and CSV do not depend on it."
                ),
                ("NO_COLOR", "When set and not empty, nothing is coloured."),
                ("COLUMNS", "The width of the terminal."),
            ]
        }
        guard !variables.isEmpty else { return }
        page.section("ENVIRONMENT")
        page.macro("Bl", raw: "-tag -width Ds")
        for (name, meaning) in variables {
            page.macro("It", "Ev", name)
            page.words(meaning)
        }
        page.macro("El")
    }

    private func files(_ page: inout MdocText) {
        let isRoot = command.path.count == 1
        guard isRoot || command.takes("--registry") || command.takes("--keys") else { return }
        page.section("FILES")
        page.macro("Bl", raw: "-tag -width Ds")
        if isRoot || command.takes("--registry") {
            page.macro("It", "Pa", "registry/")
            page.words("What is checked: the ledger, the documents, the certificates.")
        }
        if isRoot || command.takes("--keys") {
            page.macro("It", "Pa", "keys/")
            page.words("What is trusted: keys/identity, and the files that must agree with the ledger.")
            page.macro("It", "Pa", "keys/private/")
            page.words("The private keys that are here, for nobody else to read.")
        }
        page.macro("El")
    }

    private func exitStatus(_ page: inout MdocText) {
        page.section("EXIT STATUS")
        page.macro("Bl", raw: "-tag -width Ds")
        for (status, meaning) in Self.statuses {
            page.macro("It", "\(status)")
            page.words(meaning)
        }
        page.macro("El")
    }

    private static let statuses: [(Int, String)] = [
        (0, "Done, or passed."), (1, "Failed verification, or refused."), (3, "Indeterminate, or pending."),
        (4, "Not found, or not readable."), (5, "Locked or conflicting."), (64, "Usage."),
    ]

    private func examples(_ page: inout MdocText) {
        let lines = HelpText.parts(of: command.discussion ?? "").example
        guard !lines.isEmpty else { return }
        page.section("EXAMPLES")
        page.macro("Bd", raw: "-literal -offset indent")
        for line in lines { page.line(line) }
        page.macro("Ed")
    }

    private func seeAlso(_ page: inout MdocText) {
        let others = root.all.filter { $0.shouldDisplay && $0.path != command.path && isNear($0) }
            .map(Self.title).sorted()
        guard !others.isEmpty else { return }
        page.section("SEE ALSO")
        for (position, title) in others.enumerated() {
            let isLast = position == others.count - 1
            page.macro("Xr", raw: "\(title) \(Self.section)\(isLast ? "" : " ,")")
        }
    }

    /// Its parents, its own commands, and those beside it.
    private func isNear(_ other: CommandDescription) -> Bool {
        let own = command.path
        let theirs = other.path
        return own.starts(with: theirs) || theirs.dropLast() == own[...] || theirs.dropLast() == own.dropLast()
    }
}

extension String {
    fileprivate var droppingFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
