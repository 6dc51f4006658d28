internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry
internal import TiledLog

struct KeysEnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Bring a party's certificates onto the registry's lists, or other witnesses and another quorum.",
        discussion: HelpText.text(
            """
            The change brings what is named and nothing else. Without files it goes on with what lies in \
            keys/PARTY/prepared, made by 'bitim keys rotate' or named before and not registered. A signer's file holds \
            its certificate first, then its intermediates.

            With --policy the witnesses and the quorum become what a C2SP tlog-policy says: a copy of keys/policy with \
            lines such as 'witness KZ-2 <verifier key>', 'group KZ-any any KZ KZ-2', 'group parties all KZ-any UZ' and \
            'quorum parties'. Every party keeps a witness, and none can be outvoted: without one of each party the \
            quorum is not met.
            """, example: "bitim keys enrol KZ --signer new-signer.pem --sign KZ,UZ",
            "bitim keys enrol KZ --policy new-policy --sign KZ,UZ"))

    @Argument(
        help: ArgumentHelp("The party; with --policy, whose those witnesses are that are new.", valueName: "party"),
        completion: Completion.parties)
    var party: String?

    @Option(
        help: ArgumentHelp("A signer's certificate, with its intermediates. Repeatable.", valueName: "file"),
        completion: Completion.files)
    var signer: [String] = []

    @Option(
        help: ArgumentHelp("An authority's certificate. Repeatable.", valueName: "file"), completion: Completion.files)
    var authority: [String] = []

    @Option(
        help: ArgumentHelp("The verifier key of the party's witness, in the place of the old one.", valueName: "file"),
        completion: Completion.files)
    var witness: String?

    @Option(
        help: ArgumentHelp("The witnesses and the quorum from now on, as a C2SP tlog-policy.", valueName: "file"),
        completion: Completion.files)
    var policy: String?

    @OptionGroup var change: RegistryChangeOptions

    func validate() throws {
        if policy != nil, !signer.isEmpty || !authority.isEmpty || witness != nil {
            throw ValidationError("--policy goes alone: certificates and a witness's key are brought by another change")
        }
        guard policy != nil || party != nil else {
            throw ValidationError("say whose certificates they are: bitim keys enrol KZ …")
        }
    }

    func run() async throws {
        let ledger = try change.ledger()
        let vault = change.passphrases.vault(change.folders.keysFolder, console: change.output.console)
        if let policy {
            let made = try QuorumFile.change(
                InputFile.read(policy, maximumBytes: QuorumFile.maximumByteCount), name: policy,
                newWitnessesOf: party.map(PartyArgument.parse), in: ledger)
            return try await change.register([], vault: vault, made, in: ledger)
        }
        let enrolment = try KeyEnrolment(ledger, party: PartyArgument.parse(party ?? ""))
        let authorities = try authority.flatMap(CertificateFile.certificates)
        let signers = try signer.map(CertificateFile.certificates)
        guard !authorities.isEmpty || !signers.isEmpty || witness != nil else {
            let (made, certificates) = try enrolment.enrolPrepared()
            let folder = change.folders.keysFolder.fullPath("\(enrolment.party)/prepared")
            change.output.console.message("note: no file is named, so this goes on with what is in \(folder)")
            return try await change.register(certificates, vault: vault, made, in: ledger)
        }
        let (made, certificates) = try enrolment.enrol(
            authorities: authorities, signers: signers, witness: witness.map(Self.witnessKey))
        let before = try PreparedKeys(of: enrolment.party, in: ledger).files
        do {
            try await change.register(certificates, vault: vault, made, in: ledger) {
                try enrolment.prepare(authorities: authorities, signers: signers)
            }
        } catch let refusal as RegistryError {
            // What was refused leaves nothing for the next change.
            try PreparedKeys(of: enrolment.party, in: change.openedLedger()).discard(keeping: before)
            throw refusal
        }
    }

    private static func witnessKey(_ path: String) throws -> String {
        do {
            let key = try VerifierKeyFile.read(path)
            try KeyEnrolment.requireCosignatureKey(key)
            return key
        } catch let error as FileError {
            throw RegistryError(.unavailable, "\(error)", hint: "give the file witness.vkey of the witness's machine")
        }
    }
}
