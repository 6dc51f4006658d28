internal import Agreements
internal import ArgumentParser
internal import Registry

struct RecordCorrectedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corrected",
        abstract: "Correct what the registration of an agreement says, from the beginning. The old stays readable.",
        discussion: HelpText.text(
            """
            An option replaces what it names and nothing else: a title in another language, or the day beside a \
            corrected place, stays. Options that can be repeated for a list replace the whole list. --unset makes a \
            value unknown, or a list empty, before the other options are taken. Parties and documents are never corrected.
            """,
            example: """
                bitim record corrected KZ-UZ-2025-06 --sign KZ,UZ \\
                    --title en="Agreement on rivers" --unset reference
                """))

    /// What can be made unknown.
    enum Unsettable: String, CaseIterable, ExpressibleByArgument {
        case title, binding, field, concluded, place, basis, language, relation, term, reference
        case registeredSource = "registered-source"
        case registeredNotes = "registered-notes"
    }

    @Option(help: ArgumentHelp("The title in a language. Repeatable.", valueName: "language=title"))
    var title: [String] = []

    @Option(
        help: ArgumentHelp(
            "How sure the title is: \(AgreementRegistered.TitleStatus.expectation).", valueName: "status"))
    var titleStatus: String?

    @Option(help: ArgumentHelp("What it is: \(AgreementRegistered.Kind.expectation).", valueName: "kind"))
    var kind: String?

    @Flag(inversion: .prefixedNo, help: "Whether it binds the parties.")
    var binding: Bool?

    @Option(help: ArgumentHelp("What it is about.", valueName: "field"))
    var field: String?

    @Option(help: ArgumentHelp("The day on which it was concluded.", valueName: "YYYY-MM-DD"))
    var concluded: String?

    @Option(help: ArgumentHelp("Where it was concluded.", valueName: "place"))
    var place: String?

    @Option(help: ArgumentHelp("How day and place are known.", valueName: "basis"))
    var basis: String?

    @Option(help: ArgumentHelp("A language of it. Repeatable, for the whole list.", valueName: "language[=authentic]"))
    var language: [String] = []

    @Option(
        help: ArgumentHelp(
            "What it does to another agreement: \(AgreementRelation.Relation.expectation). Repeatable, for the whole list.",
            valueName: "relation=id"))
    var relation: [String] = []

    @Option(help: ArgumentHelp("For how long it is made.", valueName: "text"))
    var termDuration: String?

    @Option(help: ArgumentHelp("How it is renewed.", valueName: "text"))
    var termRenewal: String?

    @Option(help: ArgumentHelp("The last day of its term.", valueName: "YYYY-MM-DD"))
    var termUntil: String?

    @Option(help: ArgumentHelp("A number that it has elsewhere.", valueName: "register=number"))
    var reference: String?

    @Option(help: ArgumentHelp("A source of the registration. Repeatable, for the whole list.", valueName: "source"))
    var registeredSource: [String] = []

    @Option(help: ArgumentHelp("The notes of the registration.", valueName: "text"))
    var registeredNotes: String?

    @Option(
        help: ArgumentHelp(
            "Make it unknown or empty: \(Unsettable.allCases.map(\.rawValue).joined(separator: ", ")). Repeatable.",
            valueName: "what"))
    var unset: [Unsettable] = []

    @OptionGroup var signers: JointSigners
    @OptionGroup var event: EventOptions
    @OptionGroup var signing: RecordingOptions

    func run() async throws {
        try await event.record(signedBy: try signers.parties, signing) { details, agreement in
            let old = agreement.registration
            let new = try corrected(old)
            let fields = Set(AgreementCorrected.Field.allCases.filter { named.contains($0) })
            guard !fields.isEmpty else {
                throw RegistryError(
                    .usage, "nothing is to be corrected", hint: "name a field, as in --title en=…; see --help")
            }
            guard new != old else {
                throw RegistryError(
                    .usage, "the registration of \(agreement.id) says so already", hint: "nothing was signed")
            }
            return .agreementCorrected(AgreementCorrected(fields, from: new, details: details))
        }
    }

    /// The fields that the options name.
    private var named: Set<AgreementCorrected.Field> {
        var named: Set<AgreementCorrected.Field> = []
        func add(_ field: AgreementCorrected.Field, if isNamed: Bool, unsetBy names: Unsettable...) {
            if isNamed || names.contains(where: unset.contains) { named.insert(field) }
        }
        add(.title, if: !title.isEmpty, unsetBy: .title)
        add(.titleStatus, if: titleStatus != nil)
        add(.kind, if: kind != nil)
        add(.binding, if: binding != nil, unsetBy: .binding)
        add(.field, if: field != nil, unsetBy: .field)
        add(.concluded, if: (concluded ?? place ?? basis) != nil, unsetBy: .concluded, .place, .basis)
        add(.languages, if: !language.isEmpty, unsetBy: .language)
        add(.relations, if: !relation.isEmpty, unsetBy: .relation)
        add(.term, if: (termDuration ?? termRenewal ?? termUntil) != nil, unsetBy: .term)
        add(.reference, if: reference != nil, unsetBy: .reference)
        add(.sources, if: !registeredSource.isEmpty, unsetBy: .registeredSource)
        add(.notes, if: registeredNotes != nil, unsetBy: .registeredNotes)
        return named
    }

    private func corrected(_ old: AgreementRegistered) throws -> AgreementRegistered {
        func kept<Value>(_ value: Value?, _ name: Unsettable) -> Value? { unset.contains(name) ? nil : value }
        func date(_ text: String?, _ option: String) throws -> CalendarDate? {
            try text.map { try AgreementOptions.value($0, option: option) }
        }
        let given = try LocalizedArgument.parse(title)?.translations ?? []
        let translations = given + (kept(old.title, .title)?.translations ?? [])
        let oldTerm = kept(old.term, .term)
        let term = AgreementTerm(
            duration: termDuration ?? oldTerm?.duration, renewal: termRenewal ?? oldTerm?.renewal,
            until: try date(termUntil, "--term-until") ?? oldTerm?.until)
        return AgreementRegistered(
            title: translations.isEmpty ? nil : LocalizedText(translations),
            titleStatus: try titleStatus.map { try AgreementOptions.value($0, option: "--title-status") }
                ?? old.titleStatus,
            kind: try kind.map { try AgreementOptions.value($0, option: "--kind") } ?? old.kind,
            binding: binding ?? kept(old.binding, .binding), field: field ?? kept(old.field, .field),
            parties: old.parties,
            concluded: Conclusion(
                date: try date(concluded, "--concluded") ?? kept(old.concluded.date, .concluded),
                place: place ?? kept(old.concluded.place, .place), basis: basis ?? kept(old.concluded.basis, .basis)),
            languages: language.isEmpty
                ? kept(old.languages, .language) : try language.map(AgreementOptions.language),
            relations: relation.isEmpty ? kept(old.relations, .relation) ?? [] : try relation.map(Self.relation),
            term: term == AgreementTerm() && oldTerm == nil ? nil : term,
            reference: try reference.map(AgreementOptions.reference) ?? kept(old.reference, .reference),
            documents: old.documents,
            sources: registeredSource.isEmpty ? kept(old.sources, .registeredSource) ?? [] : registeredSource,
            notes: registeredNotes ?? kept(old.notes, .registeredNotes))
    }

    private static func relation(_ argument: String) throws -> AgreementRelation {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            throw RegistryError(
                .usage, "--relation '\(argument)' names no agreement",
                hint: "write it as in --relation amends=KZ-UZ-2013-01")
        }
        return AgreementRelation(
            try AgreementOptions.value(parts[0], option: "--relation"), try AgreementArgument.parse(parts[1]))
    }
}
