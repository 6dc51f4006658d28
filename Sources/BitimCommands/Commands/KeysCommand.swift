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

            With --authority and --signer nothing is made but a witness: the party's own CA has certified its signers \
            already. A signer without --signer-key signs elsewhere.
            """, example: "bitim keys new ACME --organisation \"Acme Ltd\" --algorithm p384",
            """
            bitim keys new KZ --authority root.pem --signer minister.pem \\
              --signer-key minister-key.pem
            """))

    @Argument(help: ArgumentHelp("The party's id, such as KZ.", valueName: "party"))
    var party: String

    @Option(help: ArgumentHelp("The holder's name in the certificates (default: the party's id).", valueName: "name"))
    var organisation: String?

    @Option(
        help: ArgumentHelp(
            "The name of the witness's key, a URL without its scheme (default: <party>/witness).", valueName: "name"))
    var witnessName: String?

    @Option(help: ArgumentHelp("How long the certificates are valid (default: 10).", valueName: "years"))
    var years: Int?

    @Option(
        help: ArgumentHelp(
            "What kind of keys the authority and the signers get: "
                + "\(AlgorithmArgument.allCases.map(\.rawValue).joined(separator: ", ")) (default: p256).",
            valueName: "algorithm"))
    var algorithm: AlgorithmArgument?

    @Flag(help: "Say in the certificates that they are a demonstration's.")
    var demonstration = false

    @Flag(help: "Leave the private keys unencrypted.")
    var unencrypted = false

    @OptionGroup var existing: ExistingKeysOptions
    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100).contains(years ?? 10) else { throw ValidationError("--years is from 1 to 100") }
        if unencrypted, passphrases.isGivenForKeys {
            throw ValidationError("--unencrypted does not go with a passphrase")
        }
        guard existing.isGiven else { return }
        guard organisation == nil, years == nil, algorithm == nil, !demonstration else {
            throw ValidationError(
                "--authority brings certificates: --organisation, --years, --algorithm and --demonstration are for made ones"
            )
        }
        if existing.witness != nil, witnessName != nil {
            throw ValidationError("--witness brings a key with a name of its own: leave --witness-name out")
        }
    }

    func run() async throws {
        let console = output.console
        let party = try PartyArgument.parse(party)
        let keys = folders.keysFolder
        let witnessName = witnessName ?? "\(party.text.lowercased())/witness"
        guard existing.isGiven else {
            let files = try PartyKeys(
                party: party, organisation: organisation ?? party.text, witnessName: witnessName,
                isDemonstration: demonstration, years: years ?? 10, now: currentTime(),
                algorithm: (algorithm ?? .p256).keyAlgorithm
            ).write(to: keys, passphrase: try newPassphrase(party, console))
            try tell(party, files)
            return console.message(
                "hint: move \(keys.fullPath(KeyVault.keyName(party, .signer(2)))), the spare, to a safe place")
        }
        let brought = try ExistingKeys(
            party: party, authorityFiles: existing.authority, signerFiles: existing.signer,
            witnessFile: existing.witness, now: currentTime())
        for warning in brought.warnings { console.message("warning: \(VisibleText.escaped(warning))") }
        // Where nothing secret is written, nobody is asked for a passphrase.
        let isSecret = brought.makesWitness || !existing.signerKey.isEmpty
        let secret = isSecret ? try newPassphrase(party, console) : nil
        let (files, elsewhere) = try brought.write(
            to: keys, signerKeys: existing.openedKeys(passphrases, own: secret, console: console),
            witnessName: witnessName, passphrase: secret)
        try tell(party, files)
        guard !elsewhere.isEmpty else { return }
        let numbers = elsewhere.map(String.init).joined(separator: ", ")
        console.message("note: the private key of signer \(numbers) is not here: it signs elsewhere")
    }

    private func newPassphrase(_ party: PartyID, _ console: Console) throws -> SecretBytes? {
        guard unencrypted else {
            return try passphrases.passphrase(for: .party(party), isNew: true, console: console)
        }
        console.message("warning: the private keys are not encrypted: who reads the files can sign")
        return nil
    }

    private func tell(_ party: PartyID, _ files: [String]) throws {
        let console = output.console
        if output.json { return console.answer(try JSONOutput.text(FilesResult(party: party.text, files: files))) }
        console.answer(files.map { folders.keysFolder.fullPath($0) + "\n" }.joined())
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
        let rows = try KeyRow.all(
            folders.keysFolder, parties: folders.keysFolder.parties(), registry: Self.registry(folders))
        try KeyRow.tell(rows, output)
    }

    /// Keys can be looked at before there is a registry, and beside one that does not hold.
    static func registry(_ folders: FolderOptions) -> RegistryState? {
        (try? OpenedLedger.open(registry: folders.registryFolder, keys: folders.keysFolder))?.history.state
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
        let rows = try KeyRow.all(
            folders.keysFolder, parties: [party], registry: KeysListCommand.registry(folders))
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

    /// - Parameter registry: nil when there is none: nobody knows then what is on its lists.
    static func all(_ keys: KeysFolder, parties: [PartyID], registry: RegistryState? = nil) throws -> [KeyRow] {
        try parties.flatMap { party in
            func has(_ use: KeyVault.Use) -> Bool {
                Files.kind(keys.fullPath(KeyVault.keyName(party, use))) == .regular
            }
            func mark(_ certificate: Certificate) -> String {
                guard let registry, let member = registry.constitution[party] else { return "" }
                let digest = ContentDigest(certificate.fingerprint)
                if member.authorities.contains(digest) || member.signers.contains(where: { $0.certificate == digest }) {
                    return ""
                }
                switch registry.withdrawals[digest]?.action {
                case .retire: return ", retired"
                case .revoke: return ", revoked"
                case .add, nil: return ", not listed"
                }
            }
            func row(_ certificate: Certificate, _ role: String, _ use: KeyVault.Use) -> KeyRow {
                KeyRow(
                    party: party.text, role: role + mark(certificate), algorithm: "\(certificate.publicKey.algorithm)",
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
