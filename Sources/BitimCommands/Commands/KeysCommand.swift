internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make and look at keys.",
        subcommands: [
            KeysNewCommand.self, KeysListCommand.self, KeysShowCommand.self, KeysRotateCommand.self,
            KeysRevokeCommand.self, KeysEnrolCommand.self, KeysUpdateCommand.self, KeysResumeCommand.self,
        ])
}

struct KeysNewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a party's keys: an authority, two signers and a witness.",
        discussion: HelpText.text(
            """
            The second signer is the spare: keep its private key away from the first. Private keys are encrypted with \
            a passphrase; public halves lie beside them, for the other parties.
            """, example: "bitim keys new ACME --organisation \"Acme Ltd\""))

    @Argument(help: ArgumentHelp("The party's id, such as KZ.", valueName: "party"))
    var party: String

    @Option(help: ArgumentHelp("The holder's name in the certificates (default: the party's id).", valueName: "name"))
    var organisation: String?

    @Option(
        help: ArgumentHelp(
            "The name of the witness's key, a URL without its scheme (default: <party>/witness).", valueName: "name"))
    var witnessName: String?

    @Option(help: ArgumentHelp("How long the certificates are valid.", valueName: "years"))
    var years = 10

    @Flag(help: "Say in the certificates that they are a demonstration's.")
    var demonstration = false

    @Flag(help: "Leave the private keys unencrypted.")
    var unencrypted = false

    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100).contains(years) else { throw ValidationError("--years is from 1 to 100") }
        if unencrypted, passphrases.isGiven { throw ValidationError("--unencrypted does not go with a passphrase") }
    }

    func run() async throws {
        let console = output.console
        let party = try PartyArgument.parse(party)
        let keys = folders.keysFolder
        let secret = unencrypted ? nil : try passphrases.passphrase(for: .party(party), isNew: true)
        if unencrypted { console.message("warning: the private keys are not encrypted: who reads the files can sign") }
        let files = try PartyKeys(
            party: party, organisation: organisation ?? party.text,
            witnessName: witnessName ?? "\(party.text.lowercased())/witness", isDemonstration: demonstration,
            years: years, now: currentTime()
        ).write(to: keys, passphrase: secret)
        if output.json { return console.answer(try JSONOutput.text(FilesResult(party: party.text, files: files))) }
        console.answer(files.map { keys.fullPath($0) + "\n" }.joined())
        console.message("hint: move \(keys.fullPath(KeyVault.keyName(party, .signer(2)))), the spare, to a safe place")
    }
}

private struct FilesResult: Encodable {
    let schemaVersion = 1
    let party: String
    let files: [String]

    private enum CodingKeys: CodingKey { case schemaVersion, party, files }
}

struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the parties' keys, and which private ones are here.",
        discussion: HelpText.text(example: "bitim keys list"))

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let rows = try KeyRow.all(folders.keysFolder, parties: folders.keysFolder.parties())
        try KeyRow.tell(rows, output)
    }
}

struct KeysShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one party's keys.",
        discussion: HelpText.text(example: "bitim keys show KZ"))

    @Argument(help: ArgumentHelp("The party's id.", valueName: "party"), completion: Completion.parties)
    var party: String

    @OptionGroup var folders: FolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let party = try PartyArgument.parse(party)
        let rows = try KeyRow.all(folders.keysFolder, parties: [party])
        guard !rows.isEmpty else {
            throw RegistryError(
                .unavailable, "there are no keys of \(party) in \(folders.keysFolder.path)",
                hint: "make them with 'bitim keys new \(party)'")
        }
        try KeyRow.tell(rows, output)
    }
}

/// One key of a party.
struct KeyRow: Encodable {
    let party: String
    let role: String
    let algorithm: String
    /// SHA-256 of the certificate, or the witness's verifier key.
    let fingerprint: String
    let subject: String
    let notAfter: String
    let isPrivateHere: Bool

    static func all(_ keys: KeysFolder, parties: [PartyID]) throws -> [KeyRow] {
        try parties.flatMap { party in
            func has(_ use: KeyVault.Use) -> Bool {
                Files.kind(keys.fullPath(KeyVault.keyName(party, use))) == .regular
            }
            func row(_ certificate: Certificate, _ role: String, _ use: KeyVault.Use) -> KeyRow {
                KeyRow(
                    party: party.text, role: role, algorithm: "\(certificate.publicKey.algorithm)",
                    fingerprint: ContentDigest(certificate.fingerprint).text, subject: certificate.subject,
                    notAfter: UTCTime(posixSeconds: certificate.notAfter)?.text ?? "", isPrivateHere: has(use))
            }
            var rows = try keys.authorities(party).map { row($0, "authority", .authority) }
            for signer in try keys.numberedSigners(party) {
                guard let certificate = signer.certificates.first else { continue }
                rows.append(row(certificate, "signer \(signer.number)", .signer(signer.number)))
            }
            if let key = try keys.witnessKey(party) {
                rows.append(
                    KeyRow(
                        party: party.text, role: "witness", algorithm: "Ed25519", fingerprint: key, subject: "",
                        notAfter: "", isPrivateHere: has(.witness)))
            }
            return rows
        }
    }

    static func tell(_ rows: [KeyRow], _ output: OutputOptions) throws {
        let console = output.console
        if output.json { return console.answer(try JSONOutput.text(KeysResult(keys: rows))) }
        var table = Table(["PARTY", "ROLE", "ALGORITHM", "PRIVATE", "VALID UNTIL", "FINGERPRINT", "SUBJECT"])
        for row in rows {
            table.add([
                row.party, row.role, row.algorithm, row.isPrivateHere ? "here" : "elsewhere", row.notAfter,
                row.fingerprint, row.subject,
            ])
        }
        if !rows.isEmpty { console.answer(table.text(width: console.width)) }
    }
}

private struct KeysResult: Encodable {
    let schemaVersion = 1
    let keys: [KeyRow]

    private enum CodingKeys: CodingKey { case schemaVersion, keys }
}

struct KeysResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Say what a local signer of checkpoints goes on from, when its state was lost.",
        discussion: HelpText.text(
            """
            A log or a witness whose memory of its last signature is missing or behind signs nothing, so that it never \
            signs two histories. Name the tree only after you have made sure, with the other parties, that nothing \
            newer was ever signed.
            """,
            example:
                "bitim keys resume KZ-witness \\\n  --tree 20:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
        ))

    @Argument(help: ArgumentHelp("log, or a party's witness such as KZ-witness.", valueName: "signer"))
    var signer: String

    @Option(help: ArgumentHelp("The tree: its size, a colon, its root in hexadecimal.", valueName: "size:root"))
    var tree: String

    @OptionGroup var folders: FolderOptions
    @OptionGroup var confirmation: ConfirmationOptions

    func run() async throws {
        guard let signer = SignerState.Signer(signer) else {
            throw RegistryError(.usage, "'\(signer)' is no signer of checkpoints", hint: "say log, or KZ-witness")
        }
        let parts = tree.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let size = Int64(parts[0]), size > 0,
            let root = ContentDigest(hex: parts[1]).flatMap({ SHA256Digest($0.bytes) })
        else {
            throw RegistryError(
                .usage, "'\(tree)' is not a tree", hint: "say its size, a colon and its root in hexadecimal")
        }
        let head = TreeHead(size: size, root: root)
        let ledger: OpenedLedger
        do {
            ledger = try OpenedLedger.open(registry: folders.registryFolder, keys: folders.keysFolder)
        } catch let error as OpenedLedger.Unopenable {
            throw RegistryError(
                .refused, "the registry does not hold", hint: "see 'bitim audit'", findings: error.findings)
        }
        // A witness that went on from a pending tree would never have checked it.
        let isHere = ledger.publishedHead == head || signer == .log && ledger.fullHead == head
        guard isHere else {
            throw RegistryError(
                .refused,
                "the published tree is \(ledger.publishedHead.size):\(ledger.publishedHead.root.hex), not the one named",
                hint: "a signer goes on only from the tree that is here")
        }
        try confirmation.confirm(
            ["\(signer) of \(ledger.constitution.log.origin) goes on from \(size) entries, root \(root.hex)"],
            console: Console())
        try SignerState.resume(
            folders.keysFolder, signer: signer, origin: ledger.constitution.log.origin, head: head)
    }
}
