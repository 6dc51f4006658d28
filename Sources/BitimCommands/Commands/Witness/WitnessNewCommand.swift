internal import ArgumentParser
internal import OpenSSLKit
internal import Registry

struct WitnessNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make the key of a plain witness.",
        discussion: HelpText.text(
            """
            It gets a folder of its own: its cosignature says only that a log grows, and has no place in a registry's \
            quorum. The logs that it witnesses stand in the folder's policy, lines 'log VKEY' and 'quorum none'.
            """, example: "bitim witness new witness.example/w1 --keys w1"))

    @Argument(help: ArgumentHelp("The name of the key, a URL without its scheme.", valueName: "name"))
    var name: String

    @Flag(help: "Leave the private key unencrypted.")
    var unencrypted = false

    @OptionGroup var folders: FolderOptions
    @OptionGroup var passphrases: PassphraseOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let keys = folders.keysFolder
        let console = output.console
        if unencrypted {
            console.message("warning: the private key is not encrypted: who reads the file can sign")
        }
        let secret = try unencrypted ? nil : passphrases.passphrase(for: .plainWitness, isNew: true, console: console)
        let files = try PlainWitness.make(keys, name: name, passphrase: secret)
        if output.json { return console.answer(try JSONOutput.text(WitnessFiles(files: files))) }
        console.answer(files: files.map(keys.fullPath))
    }
}

private struct WitnessFiles: Encodable {
    let schemaVersion = 1
    let files: [String]

    private enum CodingKeys: CodingKey { case schemaVersion, files }
}
