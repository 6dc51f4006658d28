internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry

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

            With --witness-only a party gets one more witness, on a machine that has the public part of the registry's \
            keys already; 'bitim keys enrol PARTY --policy FILE' registers it.
            """, example: "bitim keys new ACME --organisation \"Acme Ltd\" --algorithm p384",
            """
            bitim keys new KZ --authority root.pem --signer minister.pem \\
              --signer-key minister-key.pem
            """, "bitim keys new KZ --witness-only --witness-name kz/second"))

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

    @Flag(help: "Make one more witness and nothing else, in a folder that has the public part of the registry's keys.")
    var witnessOnly = false

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
        if witnessOnly {
            guard organisation == nil, years == nil, algorithm == nil, !demonstration, !existing.isGiven else {
                throw ValidationError("--witness-only goes with --witness-name: no certificate is made or brought")
            }
            guard witnessName != nil else {
                throw ValidationError("--witness-name is missing: the party's first witness has the usual one")
            }
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
        if witnessOnly {
            let files = try AnotherWitness(party: party, name: witnessName)
                .write(to: keys, passphrase: newPassphrase(party, console))
            return try tell(party, files)
        }
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
        console.answer(files: files.map(folders.keysFolder.fullPath))
    }
}

private struct FilesResult: Encodable {
    let schemaVersion = 1
    let party: String
    let files: [String]

    private enum CodingKeys: CodingKey { case schemaVersion, party, files }
}
