internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry

struct KeysRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take a signer or an authority off a party's list: lost, stolen, or retired in good order.",
        discussion: HelpText.text(
            """
            From the entry of the change on nothing that the key signs counts, whatever time it claims; what it signed \
            before stays valid. The key of a witness or of the log is replaced with 'bitim keys rotate'.
            """, example: "bitim keys revoke KZ signer-1 --sign KZ,UZ --notes 'Stolen on 3 March'"))

    @Argument(help: ArgumentHelp("The party.", valueName: "party"), completion: Completion.parties)
    var party: String

    @Argument(help: ArgumentHelp("signer-1 …, authority, or a certificate's fingerprint.", valueName: "key"))
    var key: String

    @Flag(help: "It was not lost: it is only no longer used.")
    var retire = false

    @OptionGroup var change: RegistryChangeOptions

    func run() async throws {
        let ledger = try change.ledger()
        let vault = change.passphrases.vault(change.folders.keysFolder, console: change.output.console)
        let made = try KeyEnrolment(ledger, party: PartyArgument.parse(party)).withdraw(key, retire ? .retire : .revoke)
        try await change.register([], vault: vault, made, in: ledger)
    }
}
