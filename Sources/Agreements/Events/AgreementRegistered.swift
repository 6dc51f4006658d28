/// An agreement enters the registry. Its parties sign that they have signed it.
package struct AgreementRegistered: EventBody {
    package static let eventName = "agreement.registered"

    package enum Kind: String, Vocabulary {
        case treaty, agreement, `protocol`, memorandum, programme, plan, decision, statement, document
    }

    /// How sure the title is.
    package enum TitleStatus: String, Vocabulary {
        /// As in the original itself.
        case original
        /// As a public source prints it.
        case published
        /// Known by topic or by an informal name only.
        case reported
        /// Not known at all.
        case unpublished
    }

    package let binding: Bool?
    package let concluded: Conclusion
    package let documents: [Document]
    package let field: String?
    package let kind: Kind
    /// Nil when unknown, else not empty.
    package let languages: [AgreementLanguage]?
    package let notes: String?
    /// In ascending order of their ids.
    package let parties: [AgreementParty]
    package let reference: ExternalReference?
    package let relations: [AgreementRelation]
    package let sources: [String]
    package let term: AgreementTerm?
    package let title: LocalizedText?
    package let titleStatus: TitleStatus

    package init(
        title: LocalizedText?,
        titleStatus: TitleStatus,
        kind: Kind,
        binding: Bool? = nil,
        field: String? = nil,
        parties: [AgreementParty],
        concluded: Conclusion,
        languages: [AgreementLanguage]? = nil,
        relations: [AgreementRelation] = [],
        term: AgreementTerm? = nil,
        reference: ExternalReference? = nil,
        documents: [Document] = [],
        sources: [String] = [],
        notes: String? = nil
    ) {
        self.title = title
        self.titleStatus = titleStatus
        self.kind = kind
        self.binding = binding
        self.field = field
        self.parties = parties
        self.concluded = concluded
        self.languages = languages
        self.relations = relations
        self.term = term
        self.reference = reference
        self.documents = documents
        self.sources = sources
        self.notes = notes
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        binding = try reader.optionalBoolean("binding")
        concluded = try reader.object("concluded", as: Conclusion.self)
        documents = try reader.documents()
        field = try reader.optionalString("field")
        kind = try reader.text("kind", as: Kind.self)
        languages = try reader.optionalObjects("languages", of: AgreementLanguage.self)
        notes = try reader.optionalString("notes")
        parties = try reader.objects("parties", of: AgreementParty.self, atLeast: 1)
        reference = try reader.optionalObject("reference", as: ExternalReference.self)
        relations = try reader.objects("relations", of: AgreementRelation.self)
        sources = try reader.strings("sources")
        term = try reader.optionalObject("term", as: AgreementTerm.self)
        title = try reader.optionalObject("title", as: LocalizedText.self)
        titleStatus = try reader.text("titleStatus", as: TitleStatus.self)

        try ListRules.requireAscending(parties, in: "parties", by: \.party)
        try ListRules.requireDistinct(languages ?? [], in: "languages", by: \.language)
        try ListRules.requireDistinct(relations, in: "relations") { "\($0.relation) \($0.agreement)" }
    }

    func print(to printer: inout ObjectPrinter) {
        printer.boolean("binding", binding)
        printer.object("concluded", concluded)
        printer.objects("documents", documents)
        printer.string("field", field)
        printer.text("kind", kind)
        printer.objects("languages", languages)
        printer.string("notes", notes)
        printer.objects("parties", parties)
        printer.object("reference", reference)
        printer.objects("relations", relations)
        printer.strings("sources", sources)
        printer.object("term", term)
        printer.object("title", title)
        printer.text("titleStatus", titleStatus)
    }

    var event: Event { .agreementRegistered(self) }
    var legalDate: CalendarDate? { concluded.date }
}
