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
            "Only those whose id, titles, parties, bodies, signatories, field, place, number, documents' names or notes "
                + "have words that begin with these, in any order. Case and accents make no difference.",
            valueName: "words"))
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

    /// The words that are searched for, folded; nil when none are.
    var words: [String]? {
        get throws {
            guard let search else { return nil }
            let words = SearchText.words(in: search)
            guard !words.isEmpty else {
                throw RegistryError(
                    .usage, "--search is empty", hint: "give the words to look for, as in --search water")
            }
            return words
        }
    }

    /// - Parameter agreements: those to choose from, in their order.
    func chosen(from agreements: [AgreementState], _ state: LedgerState) throws -> [AgreementState] {
        let status: AgreementStatus? = try status.map { try AgreementOptions.value($0, option: "--status") }
        let kind: AgreementRegistered.Kind? = try kind.map { try AgreementOptions.value($0, option: "--kind") }
        let parties = try party.map(PartyArgument.parse)
        for party in parties where !state.isRegistryParty(party) {
            throw RegistryError(
                .unavailable, "\(party) is no party of the registry",
                hint: "its parties are \(state.parties.sorted().map(\.text).joined(separator: ", "))")
        }
        let field = field?.lowercased()
        let words = try words ?? []
        let day = try day
        let isPast = asOf != nil
        return agreements.filter { agreement in
            let body = agreement.registration
            if isPast, let concluded = body.concluded.date, let day, concluded > day { return false }
            return (status == nil || agreement.status(on: day) == status) && (kind == nil || body.kind == kind)
                && (field == nil || body.field?.lowercased() == field) && parties.allSatisfy(agreement.hasParty)
                && (words.isEmpty || SearchText.has(words, in: agreement.searchText))
        }
    }
}
