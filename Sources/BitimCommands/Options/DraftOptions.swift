internal import Agreements
internal import ArgumentParser
internal import OpenSSLKit
internal import Registry

/// Writing a draft in place of registering at once.
struct DraftOptions: ParsableArguments {
    @Option(
        name: .customLong("draft"),
        help: ArgumentHelp(
            "Sign nothing: write a draft for the parties to sign, each where its keys are. - is stdout.",
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

    private var expiry: UTCTime? {
        get throws {
            guard let expires else { return nil }
            let day = CalendarDate(text: expires).map { "\($0)T23:59:59Z" }
            return try AgreementOptions.value(day ?? expires, option: "--expires")
        }
    }

    /// Writes the draft of the event as the next of its life, and tells of it. Needs no private key.
    ///
    /// - Parameter offered: certificates that the event brings onto a list, and intermediates.
    func write(
        _ event: Event, agreement: AgreementID?, offered: [Certificate] = [], folders: FolderOptions,
        output: OutputOptions
    ) async throws {
        guard let path else { return }
        // The key of such a document would have to travel with the draft, and be kept by each party.
        if let document = event.documents.first(where: { $0.access == .restricted }) {
            throw RegistryError(
                .usage, "the document \(document.name) is restricted, and a draft has public documents only",
                hint: "leave out --draft, and sign where all keys are; or leave the document out")
        }
        let now = currentTime()
        let ledger = try await DraftLedger.read(
            registry: folders.registryFolder, keys: folders.keysFolder, agreement: agreement, now: now)
        let draft = try ledger.draft(of: event, agreement: agreement, expires: try expiry, offered: offered)
        guard path != "-" else { return output.console.answer(bytes: draft.bytes) }
        try DraftPlace.create(path, draft)
        let report = try DraftReport(draft, ledger: ledger, keys: folders.keysFolder, now: now)
        try DraftWords(path, report, keys: folders.keysFolder).tellWritten(output)
    }
}
