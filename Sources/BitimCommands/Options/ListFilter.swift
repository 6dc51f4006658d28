internal import Agreements
internal import ArgumentParser
internal import FoundationEssentials
internal import Registry

/// Which agreements are listed: those that fit all that is said.
struct ListFilter: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only those that are \(AgreementStatus.expectation).", valueName: "status"),
        completion: Completion.words(AgreementStatus.self))
    var status: String?

    @Option(
        help: ArgumentHelp("Only those of this party. Repeatable: those of all of them.", valueName: "party"),
        completion: Completion.parties)
    var party: [String] = []

    @Option(
        help: ArgumentHelp("Only those that are \(AgreementRegistered.Kind.expectation).", valueName: "kind"),
        completion: Completion.words(AgreementRegistered.Kind.self))
    var kind: String?

    @Option(help: ArgumentHelp("Only those on this field, such as water resources.", valueName: "field"))
    var field: String?

    @Option(
        help: ArgumentHelp(
            "Only those whose id, titles, parties, bodies, signatories, place, number, documents' names or notes have all "
                + "these words.", valueName: "words"))
    var search: String?

    @Option(
        help: ArgumentHelp(
            "As they stood on a day by law; those that were concluded later are left out, those of unknown date are not.",
            valueName: "YYYY-MM-DD"))
    var asOf: String?

    @Option(
        help: ArgumentHelp(
            "By what was known when the ledger had that many entries. The whole ledger is checked all the same.",
            valueName: "size"))
    var at: Int64?

    func validate() throws {
        if let at, at < 0 { throw ValidationError("--at is \(at), not a number of entries") }
    }

    /// The day that statuses are shown for.
    var day: CalendarDate? {
        get throws { try asOf.map { try AgreementOptions.value($0, option: "--as-of") } ?? today() }
    }

    func chosen(from state: LedgerState) throws -> [AgreementState] {
        let status: AgreementStatus? = try status.map { try AgreementOptions.value($0, option: "--status") }
        let kind: AgreementRegistered.Kind? = try kind.map { try AgreementOptions.value($0, option: "--kind") }
        let parties = try party.map(PartyArgument.parse)
        for party in parties where !state.isRegistryParty(party) {
            throw RegistryError(
                .unavailable, "\(party) is no party of the registry",
                hint: "its parties are \(state.parties.sorted().map(\.text).joined(separator: ", "))")
        }
        let field = field?.lowercased()
        let words = (search ?? "").lowercased().split(separator: " ")
        if search != nil, words.isEmpty {
            throw RegistryError(.usage, "--search is empty", hint: "give the words to look for, as in --search water")
        }
        let day = try day
        let isPast = asOf != nil
        return state.agreements.filter { agreement in
            let body = agreement.registration
            if isPast, let concluded = body.concluded.date, let day, concluded > day { return false }
            return (status == nil || agreement.status(on: day) == status) && (kind == nil || body.kind == kind)
                && (field == nil || body.field?.lowercased() == field) && parties.allSatisfy(agreement.hasParty)
                && Self.has(words, agreement)
        }
    }

    private static func has(_ words: [Substring], _ agreement: AgreementState) -> Bool {
        guard !words.isEmpty else { return true }
        let body = agreement.registration
        var texts = [agreement.id.text, body.field, body.concluded.place, body.reference?.number, body.notes]
            .compactMap { $0 }
        texts += body.title?.translations.map(\.text) ?? []
        texts += body.parties.flatMap { [$0.party.text, $0.concludedBy, $0.signatory].compactMap { $0 } }
        texts += body.documents.map(\.name)
        let text = texts.joined(separator: "\n").lowercased()
        return words.allSatisfy { text.contains($0) }
    }
}
