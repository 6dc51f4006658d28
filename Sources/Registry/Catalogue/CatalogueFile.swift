internal import Agreements
internal import FoundationEssentials

/// The JSON of a catalogue as it is written.
struct CatalogueFile: Decodable {
    let agreements: [CatalogueRecord]
    let laterEvents: [LaterEvent]?

    struct LaterEvent: Decodable {
        let agreement: String
    }
}

struct CatalogueRecord: Decodable {
    struct Party: Decodable {
        let party: String
        let concludedBy: String?
        let signatory: String?
    }

    struct Concluded: Decodable {
        let date: String?
        let place: String?
        let basis: String?
    }

    struct Language: Decodable {
        let language: String
        let authentic: String?
    }

    struct Relation: Decodable {
        let relation: String
        let agreement: String
    }

    struct Term: Decodable {
        let duration: String?
        let renewal: String?
        let until: String?
    }

    struct Reference: Decodable {
        let register: String
        let number: String
    }

    struct CatalogueDocument: Decodable {
        let file: String
        let name: String?
        let role: String
        let languages: [String]?
        let keeper: String?
        let mediaType: String?
        let access: String?
    }

    let id: String
    let title: [String: String]?
    let titleStatus: String
    let kind: String
    let binding: Bool?
    let field: String?
    let parties: [Party]
    let concluded: Concluded
    let languages: [Language]?
    let relations: [Relation]?
    let term: Term?
    let reference: Reference?
    let sources: [String]?
    let notes: String?
    let documents: [CatalogueDocument]?

    /// Every rule of a statement's form, before anything of the catalogue is signed.
    private static func requireForm(of body: AgreementRegistered, agreement: AgreementID, name: String) throws {
        let anyDigest = ContentDigest.of([])
        do {
            _ = try Statement.checked(
                agreement: agreement, event: .agreementRegistered(body), ledger: .registry(anyDigest), previous: nil,
                tree: TreeReference(root: anyDigest, size: 1))
        } catch {
            throw RegistryError(
                .usage, "\(name): \(error)",
                hint: "nothing was added; texts are plain: not empty, no line breaks, in Unicode's normal form C")
        }
    }

    /// - Parameters:
    ///   - folder: what the documents' paths are relative to.
    ///   - name: of the record, for messages.
    func record(folder: String, name: String) throws -> Catalogue.Record {
        func value<Value: TextValue>(_ text: String, _ key: String) throws -> Value {
            guard let value = Value(text: text) else {
                throw RegistryError(
                    .usage, "\(name): \(key) is '\(text)', not \(Value.expectation)",
                    hint: "nothing was added; see docs/catalogue.md for the form")
            }
            return value
        }
        func optional<Value: TextValue>(_ text: String?, _ key: String) throws -> Value? {
            try text.map { try value($0, key) }
        }
        var given = GivenDocuments()
        for entry in self.documents ?? [] {
            try given.add(
                DocumentDescription(
                    path: entry.file.hasPrefix("/") ? entry.file : "\(folder)/\(entry.file)", name: entry.name,
                    role: try value(entry.role, "documents.role"),
                    languages: try (entry.languages ?? []).map { try value($0, "documents.languages") },
                    keeper: try optional(entry.keeper, "documents.keeper"), mediaType: entry.mediaType),
                access: try optional(entry.access, "documents.access") ?? .public)
        }
        let body = AgreementRegistered(
            title: try title.map { try $0.localizedText() }, titleStatus: try value(titleStatus, "titleStatus"),
            kind: try value(kind, "kind"), binding: binding, field: field,
            parties: try parties.map {
                AgreementParty(
                    party: try value($0.party, "parties.party"), concludedBy: $0.concludedBy, signatory: $0.signatory)
            }.sorted { $0.party < $1.party },
            concluded: Conclusion(
                date: try optional(concluded.date, "concluded.date"), place: concluded.place, basis: concluded.basis),
            languages: try languages.map { list in
                try list.map {
                    AgreementLanguage(
                        language: try value($0.language, "languages.language"),
                        authentic: try optional($0.authentic, "languages.authentic"))
                }
            },
            relations: try (relations ?? []).map {
                AgreementRelation(
                    try value($0.relation, "relations.relation"), try value($0.agreement, "relations.agreement"))
            },
            term: try term.map {
                AgreementTerm(duration: $0.duration, renewal: $0.renewal, until: try optional($0.until, "term.until"))
            },
            reference: reference.map { ExternalReference(number: $0.number, register: $0.register) },
            documents: given.documents, sources: sources ?? [], notes: notes)
        let agreement: AgreementID = try value(id, "id")
        try Self.requireForm(of: body, agreement: agreement, name: name)
        return Catalogue.Record(id: agreement, body: body, documents: given.files, restricted: given.restricted)
    }
}

extension [String: String] {
    func localizedText() throws -> LocalizedText {
        LocalizedText(
            try map { language, text in
                guard let tag = LanguageTag(text: language) else {
                    throw RegistryError(
                        .usage, "'\(language)' is not \(LanguageTag.expectation)",
                        hint: "see docs/catalogue.md for the form")
                }
                return LocalizedText.Translation(language: tag, text: text)
            })
    }
}
