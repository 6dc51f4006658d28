internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct KeysEnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Bring a party's certificates onto the registry's lists, or another witness key.",
        discussion: HelpText.text(
            """
            Without files it takes what 'bitim keys rotate' prepared and could not register. A signer's file holds its \
            certificate first, then its intermediates.
            """, example: "bitim keys enrol KZ --signer new-signer.pem --sign KZ,UZ"))

    @Argument(help: ArgumentHelp("The party.", valueName: "party"), completion: Completion.parties)
    var party: String

    @Option(
        help: ArgumentHelp("A signer's certificate, with its intermediates. Repeatable.", valueName: "file"),
        completion: Completion.files)
    var signer: [String] = []

    @Option(
        help: ArgumentHelp("An authority's certificate. Repeatable.", valueName: "file"), completion: Completion.files)
    var authority: [String] = []

    @Option(
        help: ArgumentHelp("The verifier key of the party's new witness.", valueName: "file"),
        completion: Completion.files)
    var witness: String?

    @OptionGroup var change: RegistryChangeOptions

    func run() async throws {
        let ledger = try change.ledger()
        let party = try PartyArgument.parse(party)
        let enrolment = try KeyEnrolment(ledger, party: party)
        try enrolment.prepare(
            authorities: try authority.flatMap(CertificateFile.certificates),
            signers: try signer.map(CertificateFile.certificates),
            witness: try witness.map(Self.witnessKey))
        let (made, certificates) = try enrolment.enrolPrepared()
        let vault = change.passphrases.vault(change.folders.keysFolder, console: change.output.console)
        try await change.register(certificates, vault: vault, made, in: ledger)
    }

    private static func witnessKey(_ path: String) throws -> String {
        do {
            var bytes = try Files.read(path, maximumBytes: 1 << 14)
            if bytes.last == 0x0A { bytes.removeLast() }
            let key = String(decoding: bytes, as: UTF8.self)
            try KeyEnrolment.requireCosignatureKey(key)
            return key
        } catch let error as FileError {
            throw RegistryError(.unavailable, "\(error)", hint: "give the file witness.vkey of the witness's machine")
        }
    }
}
