internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry

/// Writing a draft in place of registering at once.
struct DraftOptions: ParsableArguments {
    @Option(
        name: .customLong("draft"),
        help: ArgumentHelp(
            """
            Sign nothing: write a draft for the parties to sign, each where its keys are. - is stdout. The key of a \
            restricted document goes to <file>.<document>.key beside it.
            """,
            valueName: "file"))
    var path: String?

    @Option(
        help: ArgumentHelp(
            "With --draft: it is void unless registered by then; a day counts to its end, in UTC.",
            valueName: "YYYY-MM-DD[Thh:mm:ssZ]"))
    var expires: String?

    func validate() throws {
        if expires != nil, path == nil { throw ValidationError("--expires goes with --draft FILE") }
    }

    var expiry: UTCTime? {
        get throws {
            guard let expires else { return nil }
            let day = CalendarDate(text: expires).map { "\($0)T23:59:59Z" }
            return try AgreementOptions.value(day ?? expires, option: "--expires")
        }
    }

    /// Writes the draft of the event as the next of its life, and tells of it. Needs no private key.
    ///
    /// - Parameters:
    ///   - restricted: where the event's restricted documents are, with the keys that are written beside the draft.
    ///   - offered: certificates that the event brings onto a list, and intermediates.
    ///   - signers: who is said to sign; nil where nobody is named.
    ///   - afterwards: once the draft is there.
    func write(
        _ event: Event, agreement: AgreementID?, signers: [PartyID]? = nil,
        restricted: [DocumentCommitment: RestrictedDocument] = [:],
        offered: [Certificate] = [], folders: FolderOptions, output: OutputOptions,
        afterwards: () throws -> Void = {}
    ) async throws {
        guard let path else { return }
        if path == "-", let document = event.documents.first(where: { $0.access == .restricted }) {
            throw RegistryError(
                .usage, "the document \(document.name) is restricted, and its key would be lost",
                hint: "name a file with --draft FILE: the key is written beside it")
        }
        let now = currentTime()
        let ledger = try await DraftLedger.read(
            registry: folders.registryFolder, keys: folders.keysFolder, agreement: agreement, now: now)
        let draft = try ledger.draft(of: event, agreement: agreement, expires: try expiry, offered: offered)
        if let signers { try JointSigners.require(signers, toBe: draft.required, of: event) }
        guard path != "-" else {
            try afterwards()
            return output.console.answer(bytes: draft.bytes)
        }
        let keyPaths = try DraftPlace.create(path, draft, restricted: restricted)
        try afterwards()
        let report = try DraftReport(draft, ledger: ledger, keys: folders.keysFolder, now: now)
        try DraftWords(path, report, folders).tellWritten(output, keyPaths: keyPaths)
    }
}
