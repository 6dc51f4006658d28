internal import Agreements
internal import ArgumentParser
internal import Registry
internal import TiledLog

/// What the files are.
struct DocumentOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("What the files are: \(Document.Role.expectation).", valueName: "role"),
        completion: Completion.words(Document.Role.self))
    var role: String = "text"

    @Option(help: ArgumentHelp("Whose originals the files are.", valueName: "party"), completion: Completion.parties)
    var keeper: String?

    @Option(help: ArgumentHelp("A language of the files. Repeatable.", valueName: "language"))
    var documentLanguage: [String] = []

    @Option(help: ArgumentHelp("Their media type (default: by the name's ending).", valueName: "type"))
    var mediaType: String?

    @Option(
        help: ArgumentHelp(
            "A document that is not public: kept apart, with a key of its own, and committed to. Repeatable.",
            valueName: "file"))
    var restricted: [String] = []

    @Option(
        help: ArgumentHelp(
            "What a restricted document is called, one for each, in their order (default: document-1 …).",
            valueName: "name"))
    var restrictedName: [String] = []

    @Option(help: ArgumentHelp("What the document from stdin is called, where a file is -.", valueName: "name"))
    var stdinName: String?

    /// - Parameter files: the public ones.
    func read(_ files: [String]) throws -> GivenDocuments {
        guard restrictedName.isEmpty || restrictedName.count == restricted.count else {
            throw RegistryError(
                .usage, "there are \(restricted.count) restricted documents, and \(restrictedName.count) names",
                hint: "give a --restricted-name for each --restricted, or none")
        }
        try InputFile.requireOneStdin(files + restricted)
        guard stdinName != nil || !files.contains(StandardInput.name) else {
            throw RegistryError(
                .usage, "the document from stdin has no name", hint: "give it one, as in --stdin-name contract.pdf")
        }
        var given = GivenDocuments()
        for file in files {
            let name = file == StandardInput.name ? stdinName : nil
            try given.add(try described(file, name: name), access: .public)
        }
        for (position, file) in restricted.enumerated() {
            let name = restrictedName.isEmpty ? nil : restrictedName[position]
            try given.add(try described(file, name: name), access: .restricted)
        }
        return given
    }

    private func described(_ file: String, name: String? = nil) throws -> DocumentDescription {
        DocumentDescription(
            path: file, name: name, role: try AgreementOptions.value(role, option: "--role"),
            languages: try documentLanguage.map { try AgreementOptions.value($0, option: "--document-language") },
            keeper: try keeper.map(PartyArgument.parse), mediaType: mediaType)
    }
}
