internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct SignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign a draft for a party, or take over signatures that were made elsewhere.",
        discussion: HelpText.text(
            """
            A draft is one file, written by 'bitim add --draft' or 'bitim record EVENT --draft'. Each party signs it on its \
            own machine, in any order; what is signed is shown first, and every document must be at hand with the very \
            bytes of the statement: named, beside the draft, or in the registry. The registry itself may be elsewhere. \
            A restricted document needs its key too: named with --key, or beside the draft as DRAFT.DOCUMENT.key.

            Another tool signs the bytes that --statement writes, and --import brings its signature in. With openssl, \
            with or without -nodetach, and -md sha384 for a P-384 key:

              openssl cms -sign -binary -cades -nosmimecap -outform DER \\
                -md sha256 -signer kz.pem -inkey kz.key \\
                -in statement.json -out kz.cms

            A draft is thrown away by deleting its file: nothing of it is kept anywhere else, but what a change of keys \
            would have brought: 'bitim keys discard' drops that.
            """,
            example: "bitim sign supply.draft contract.pdf",
            "bitim sign supply.draft --statement --output statement.json",
            "bitim sign supply.draft --import kz.cms uz.draft"))

    @Argument(help: ArgumentHelp("The draft; - is stdin.", valueName: "draft"))
    var draft: String

    @Argument(help: ArgumentHelp("Its documents, where they are not beside it.", valueName: "document"))
    var documents: [String] = []

    @Option(
        help: ArgumentHelp(
            "The key of a restricted document, where it is not beside the draft. Repeatable.", valueName: "file"))
    var key: [String] = []

    @Option(help: ArgumentHelp("For whom (default: the party whose key is here).", valueName: "party"))
    var party: String?

    @Option(
        help: ArgumentHelp(
            "Which of the party's signers (default: the first whose key is here; see docs/keys.md).", valueName: "n"))
    var signer: Int?

    @Flag(help: "Sign nothing: write the statement's bytes, for another tool to sign.")
    var statement = false

    @Option(
        name: .customLong("import"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Sign nothing: take over these signatures, or those of other copies of the draft.", valueName: "file"))
    var imports: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --import: certificates in PEM of signers and intermediates that are not inside. Repeatable.",
            valueName: "file"))
    var certificate: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where to write it (default: in place of the draft; stdout when it came from stdin). - is stdout.",
            valueName: "file"))
    var output: String?

    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var answer: OutputOptions

    func validate() throws {
        try InputFile.requireOneStdin([draft] + documents + key + imports + certificate + passphrases.files)
        if statement, !imports.isEmpty { throw ValidationError("--statement does not go with --import") }
        guard statement || !imports.isEmpty else {
            guard certificate.isEmpty else { throw ValidationError("--certificate goes with --import") }
            return
        }
        if party != nil || signer != nil || !documents.isEmpty || !key.isEmpty {
            throw ValidationError("nothing is signed here: leave out --party, --signer, --key and documents")
        }
    }

    func run() async throws {
        let place = try DraftPlace(draft)
        if statement { return try writeStatement(place.draft) }
        let now = currentTime()
        let report = try await DraftReading.report(place.draft, folders, now: now)
        let signing = DraftSigning(report, keys: folders.keysFolder, now: now)
        try signing.requireSignable()
        let grown = imports.isEmpty ? try sign(place, report, signing) : try takeOver(place.draft, signing)
        guard grown.signatures.count > place.draft.signatures.count else {
            answer.console.message(
                "note: every signature of \(imports.joined(separator: ", ")) is in the draft already")
            return try tell(report, at: draft)
        }
        let path = try write(grown, place)
        guard path != "-" else { return }
        let written = try DraftReport(grown, ledger: report.ledger, keys: folders.keysFolder, now: now)
        try tell(written, at: path)
    }

    private func tell(_ report: DraftReport, at path: String) throws {
        try DraftWords(path, report, folders).tellSigned(answer)
    }

    /// Without a newline after it: what is signed are these bytes and no others.
    private func writeStatement(_ draft: Draft) throws {
        guard let output, output != "-" else { return answer.console.answer(bytes: draft.statementBytes) }
        try OutputFile.write(draft.statementBytes, to: output)
    }

    private func sign(_ place: DraftPlace, _ report: DraftReport, _ signing: DraftSigning) throws -> Draft {
        let vault = passphrases.vault(folders.keysFolder, console: answer.console)
        let party = try signing.party(party.map(PartyArgument.parse), vault: vault)
        let found = try DraftDocuments(
            of: place.draft.statement, given: documents, keys: key, beside: draft, registry: folders.registryFolder)
        let words = DraftWords(draft, report, folders)
        try confirmation.confirm(
            ["To be signed for \(party):"] + words.lines.map { "  " + $0 } + documentLines(place.draft, found)
                + ["  signed so far"] + words.signatureLines.map { "  " + $0 } + words.findingLines.map { "  " + $0 },
            console: answer.console)
        return try signing.sign(for: party, signer: signer, vault: vault)
    }

    private func documentLines(_ draft: Draft, _ found: DraftDocuments) -> [String] {
        let lines = draft.statement.event.documents.compactMap { document -> String? in
            if let path = document.digest.flatMap({ found.files[$0] }) {
                return "    \(document.name)  read from \(path)"
            }
            return document.commitment.flatMap { found.restricted[$0] }.map {
                "    \(document.name)  restricted, read from \($0.path) under its key"
            }
        }
        return lines.isEmpty ? [] : ["  documents with the very bytes of the statement"] + lines
    }

    private func takeOver(_ draft: Draft, _ signing: DraftSigning) throws -> Draft {
        let certificates = try certificate.flatMap(Self.certificates)
        var grown = draft
        for path in imports {
            if DraftPlace.isDraft(path) {
                grown = try signing.merging(DraftPlace(path).draft, into: grown, from: path)
            } else {
                let bytes = try InputFile.read(path, maximumBytes: SignedData.maximumImportedBytes)
                grown = try signing.importing(bytes, into: grown, certificates: certificates, from: path)
            }
        }
        return grown
    }

    private static func certificates(in path: String) throws -> [Certificate] {
        let bytes = try InputFile.read(path, maximumBytes: 1 << 20)
        do {
            return try Certificate.all(inPEM: bytes)
        } catch {
            throw RegistryError(
                .unavailable, "\(path) is not a list of PEM certificates: \(error)",
                hint: "openssl x509 -inform DER -in FILE -out FILE.pem makes one of DER")
        }
    }

    /// Returns where the draft is now.
    private func write(_ grown: Draft, _ place: DraftPlace) throws -> String {
        // What came from stdin has no place of its own.
        guard let output = output ?? (draft == StandardInput.name ? "-" : nil) else {
            try place.replace(with: grown)
            return draft
        }
        if output == "-" {
            answer.console.answer(bytes: grown.bytes)
        } else {
            try DraftPlace.create(output, grown)
        }
        return output
    }
}

/// A draft held against what is at hand here.
enum DraftReading {
    /// The registry is optional: who only signs may have nothing but keys/.
    static func report(_ draft: Draft, _ folders: FolderOptions, now: Int64) async throws -> DraftReport {
        var ledger: DraftLedger?
        if try DraftLedger.isThere(folders.registryFolder, for: draft, keys: folders.keysFolder) {
            ledger = try await DraftLedger.read(
                registry: folders.registryFolder, keys: folders.keysFolder, agreement: draft.statement.agreement,
                now: now)
        }
        return try DraftReport(draft, ledger: ledger, keys: folders.keysFolder, now: now)
    }

    /// `bitim show DRAFT`, and `bitim show DRAFT OTHER`.
    static func show(_ path: String, comparedWith other: String?, _ folders: FolderOptions, _ output: OutputOptions)
        async throws
    {
        let first = try await words(path, folders)
        if let other {
            return try DraftComparison(first, try await words(other, folders)).tell(output)
        }
        try first.tell(output)
        try first.report.verdict.exit()
    }

    private static func words(_ path: String, _ folders: FolderOptions) async throws -> DraftWords {
        let report = try await report(DraftPlace(path).draft, folders, now: currentTime())
        return DraftWords(path, report, folders)
    }
}
