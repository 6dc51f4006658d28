internal import Agreements
internal import ArgumentParser
internal import Registry

/// The facts of an agreement as options. What is left out is unknown.
struct AgreementOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Its id in the registry (default: parties, year and a number).", valueName: "id"))
    var id: String?

    @Option(help: ArgumentHelp("Its title in a language. Repeatable.", valueName: "language=title"))
    var title: [String] = []

    @Option(
        help: ArgumentHelp(
            "How sure the title is: \(AgreementRegistered.TitleStatus.expectation) (default: original; unpublished without a title).",
            valueName: "status"), completion: Completion.words(AgreementRegistered.TitleStatus.self))
    var titleStatus: String?

    @Option(
        help: ArgumentHelp("What it is: \(AgreementRegistered.Kind.expectation).", valueName: "kind"),
        completion: Completion.words(AgreementRegistered.Kind.self))
    var kind: String?

    @Flag(inversion: .prefixedNo, help: "Whether it binds the parties.")
    var binding: Bool?

    @Option(help: ArgumentHelp("What it is about, such as water resources.", valueName: "field"))
    var field: String?

    @Option(help: ArgumentHelp("The day on which it was concluded.", valueName: "YYYY-MM-DD"))
    var date: String?

    @Option(help: ArgumentHelp("Where it was concluded.", valueName: "place"))
    var place: String?

    @Option(help: ArgumentHelp("What the date rests on.", valueName: "text"))
    var basis: String?

    @Option(
        help: ArgumentHelp(
            "The body that concluded it for a party, as in KZ=Ministry. Repeatable.", valueName: "party=body"))
    var concludedBy: [String] = []

    @Option(
        help: ArgumentHelp("The office and holder that signed for a party. Repeatable.", valueName: "party=signatory"))
    var signatory: [String] = []

    @Option(
        help: ArgumentHelp(
            "A language of it, and whether that text is authentic: equally, prevailing or no. Repeatable.",
            valueName: "language[=authentic]"))
    var language: [String] = []

    @Option(help: ArgumentHelp("A number that it has elsewhere.", valueName: "register=number"))
    var reference: String?

    @Option(help: ArgumentHelp("Where this is known from. Repeatable.", valueName: "source"))
    var source: [String] = []

    @Option(help: ArgumentHelp("Anything else, in one line.", valueName: "text"))
    var notes: String?

    var isEmpty: Bool {
        id == nil && title.isEmpty && kind == nil && binding == nil && field == nil && date == nil && place == nil
            && basis == nil && concludedBy.isEmpty && signatory.isEmpty && language.isEmpty && reference == nil
            && source.isEmpty && notes == nil
    }

    func body(parties: [PartyID], documents: [Document]) throws -> AgreementRegistered {
        let concludedBy = try Self.byParty(concludedBy, parties, option: "--concluded-by")
        let signatory = try Self.byParty(signatory, parties, option: "--signatory")
        return AgreementRegistered(
            title: try LocalizedArgument.parse(title),
            titleStatus: try Self.value(
                titleStatus ?? (title.isEmpty ? "unpublished" : "original"), option: "--title-status"),
            kind: try Self.value(kind ?? "", option: "--kind"), binding: binding, field: field,
            parties: parties.sorted().map {
                AgreementParty(party: $0, concludedBy: concludedBy[$0], signatory: signatory[$0])
            },
            concluded: Conclusion(
                date: try date.map { try Self.value($0, option: "--date") }, place: place, basis: basis),
            languages: language.isEmpty ? nil : try language.map(Self.language),
            reference: try reference.map(Self.reference), documents: documents, sources: source, notes: notes)
    }

    /// The id that was asked for, or the next one of these parties and this year that is free, or has these very facts.
    ///
    /// - Parameter isSame: whether a known registration says the same.
    func chosenID(
        parties: [PartyID], body: AgreementRegistered, state: LedgerState, isSame: (AgreementRegistered) -> Bool
    ) throws -> AgreementID {
        if let id { return try AgreementArgument.parse(id) }
        let year =
            date.map { String($0.prefix(4)) } ?? UTCTime(posixSeconds: currentTime()).map { String($0.text.prefix(4)) }
        let stem = (parties.sorted().map(\.text) + [year ?? "0000"]).joined(separator: "-")
        var number = 1
        while true {
            let digits = String(number)
            let candidate = "\(stem)-\(digits.count < 2 ? "0" : "")\(digits)"
            guard let id = AgreementID(candidate) else {
                throw RegistryError(.usage, "there is no fitting id for so many parties", hint: "give one with --id")
            }
            guard let known = state.agreement(id), !isSame(known.registrationAsSigned) else { return id }
            number += 1
        }
    }

    static func value<Value: TextValue>(_ text: String, option: String) throws -> Value {
        guard let value = Value(text: text) else {
            throw RegistryError(
                .usage, "\(option) is '\(text)', not \(Value.expectation)", hint: "nothing was done; see 'bitim help'"
            )
        }
        return value
    }

    private static func byParty(_ arguments: [String], _ parties: [PartyID], option: String) throws -> [PartyID: String]
    {
        var texts: [PartyID: String] = [:]
        for argument in arguments {
            guard let equals = argument.firstIndex(of: "="), let party = PartyID(String(argument[..<equals])),
                parties.contains(party)
            else {
                throw RegistryError(
                    .usage, "\(option) '\(argument)' does not begin with a party of the agreement",
                    hint: "write it as in \(option) \"KZ=…\"")
            }
            texts[party] = String(argument[argument.index(after: equals)...])
        }
        return texts
    }

    static func language(_ argument: String) throws -> AgreementLanguage {
        let parts = argument.split(separator: "=", maxSplits: 1)
        return AgreementLanguage(
            language: try value(parts.first.map(String.init) ?? "", option: "--language"),
            authentic: try parts.dropFirst().first.map { try value(String($0), option: "--language") })
    }

    static func reference(_ argument: String) throws -> ExternalReference {
        guard let equals = argument.lastIndex(of: "=") else {
            throw RegistryError(
                .usage, "--reference '\(argument)' has no number", hint: "write it as in --reference \"UNTS=12345\"")
        }
        return ExternalReference(
            number: String(argument[argument.index(after: equals)...]), register: String(argument[..<equals]))
    }
}
