import Agreements
import Testing

/// Statements and values that the tests start from. The digests stand for things that do not exist.
enum Fixture {
    static let origin = "example.com/registry"

    static func digest(_ number: Int) -> ContentDigest {
        var bytes = [UInt8](repeating: 0xAB, count: 32)
        bytes[30] = UInt8(truncatingIfNeeded: number >> 8)
        bytes[31] = UInt8(truncatingIfNeeded: number)
        return ContentDigest(bytes: bytes) ?? zero
    }

    private static var zero: ContentDigest {
        guard let digest = ContentDigest(bytes: [UInt8](repeating: 0, count: 32)) else {
            fatalError("32 bytes make a digest")
        }
        return digest
    }

    static func party(_ text: String) throws -> PartyID { try #require(PartyID(text)) }

    static func agreement(_ text: String = "KZ-UZ-2025-06") throws -> AgreementID {
        try #require(AgreementID(text))
    }

    static func text(_ english: String, kazakh: String? = nil) throws -> LocalizedText {
        var translations = [LocalizedText.Translation(language: try #require(LanguageTag(text: "en")), text: english)]
        if let kazakh {
            translations.append(.init(language: try #require(LanguageTag(text: "kk")), text: kazakh))
        }
        return LocalizedText(translations)
    }

    static func registryParty(_ id: String, number: Int) throws -> RegistryParty {
        RegistryParty(
            party: try party(id), name: try text("Party \(id)", kazakh: "Тарап"),
            authorities: [digest(number), digest(number + 1)],
            signers: [
                RegistrySigner(
                    certificate: digest(number + 2),
                    publicKey: SubjectPublicKeyInfo(derBytes: [0x30, UInt8(truncatingIfNeeded: number), 0x01, 0xFF]))
            ])
    }

    static func witness(_ party: String, _ suffix: String = "witness") throws -> Witness {
        Witness(name: "\(party)-\(suffix)", party: try self.party(party), key: "w.example/\(party)-\(suffix)+0+BA==")
    }

    /// A registry of KZ, TJ and UZ.
    static func established(quorum: Quorum? = nil) throws -> RegistryEstablished {
        let parties = ["KZ", "TJ", "UZ"]
        let all = try Quorum(
            witnesses: parties.map { try witness($0) },
            groups: [WitnessGroup(name: "all", threshold: 3, members: parties.map { "\($0)-witness" })], name: "all")
        return RegistryEstablished(
            demonstration: true,
            log: RegistryLog(origin: origin, key: "\(origin)+12345678+AQ=="),
            name: try text("A registry", kazakh: "Тізілім"),
            parties: try parties.enumerated().map { try registryParty($1, number: 10 * ($0 + 1)) },
            quorum: quorum ?? all)
    }

    static func document(_ name: String = "original-kz.pdf", keeper: String? = "KZ") throws -> Document {
        Document(
            name: name, role: .original, languages: [try #require(LanguageTag(text: "kk"))],
            keeper: try keeper.map(party), mediaType: "application/pdf", sizeBytes: 48_213, access: .public,
            digest: digest(500))
    }

    static func restrictedDocument(_ name: String = "annex.pdf") throws -> Document {
        let commitment = try #require(DocumentCommitment(text: "hmac-\(digest(501))"))
        return Document(
            name: name, role: .annex, languages: [], mediaType: "application/pdf", sizeBytes: 0, access: .restricted,
            commitment: commitment)
    }

    static func registered(documents: [Document]? = nil, parties: [String] = ["KZ", "UZ"]) throws
        -> AgreementRegistered
    {
        AgreementRegistered(
            title: try text("Agreement on \"water\" \\ management", kazakh: "Су туралы келісім"),
            titleStatus: .published, kind: .agreement, binding: true, field: "water",
            parties: try parties.map {
                AgreementParty(party: try party($0), concludedBy: "Government of \($0)", signatory: "Minister")
            },
            concluded: Conclusion(
                date: CalendarDate(year: 2025, month: 11, day: 15), place: "Tashkent", basis: "signed"),
            languages: [AgreementLanguage(language: try #require(LanguageTag(text: "kk")), authentic: .equally)],
            relations: [AgreementRelation(.implements, try agreement("KZ-UZ-2013-01"))],
            term: AgreementTerm(duration: "five years", renewal: "by five years", until: nil),
            reference: ExternalReference(number: "57412", register: "United Nations Treaty Series"),
            documents: try documents ?? [document(), restrictedDocument()],
            sources: ["https://example.com/a"], notes: "Oʻzbekiston")
    }

    static func consented(by id: String = "UZ", documents: [Document] = []) throws -> AgreementConsented {
        AgreementConsented(
            party: try party(id), means: .ratification, date: CalendarDate(year: 2026, month: 3, day: 6),
            instrument: "Law № 1", documents: documents, sources: ["https://example.com/b"])
    }

    static func noted(by id: String = "UZ", documents: [Document] = []) throws -> AgreementNoted {
        AgreementNoted(party: try party(id), kind: .declaration, documents: documents, notes: "a note")
    }

    /// Every field that can be corrected, to other values than those of `registered`.
    static func corrected(
        _ fields: Set<AgreementCorrected.Field> = Set(AgreementCorrected.Field.allCases),
        details: EventDetails = EventDetails()
    ) throws -> AgreementCorrected {
        let values = AgreementRegistered(
            title: try text("Agreement on rivers"), titleStatus: .original, kind: .treaty, binding: false,
            field: "rivers", parties: [],
            concluded: Conclusion(date: CalendarDate(year: 2025, month: 11, day: 14), place: "Astana", basis: "record"),
            languages: [AgreementLanguage(language: try #require(LanguageTag(text: "uz")), authentic: .prevailing)],
            relations: [AgreementRelation(.replaces, try agreement("KZ-UZ-1998-02"))],
            term: AgreementTerm(duration: "ten years", renewal: "none", until: nil),
            reference: ExternalReference(number: "57413", register: "UNTS"), sources: ["https://example.com/c"],
            notes: "corrected")
        return AgreementCorrected(fields, from: values, details: details)
    }

    static func date(_ text: String) throws -> CalendarDate { try #require(CalendarDate(text: text)) }

    /// A body of each event of an agreement but its registration, its consents and its notes.
    static func steps(_ details: EventDetails = EventDetails()) throws -> [Event] {
        [
            .agreementEnteredIntoForce(.init(details)), .agreementAppliedProvisionally(.init(details)),
            .agreementAmended(.init(amendment: try agreement("KZ-UZ-2026-01"), details: details)),
            .agreementCorrected(try corrected(details: details)), .agreementSuspended(.init(details)),
            .agreementResumed(.init(details)),
            .agreementExtended(.init(until: try date("2035-01-01"), duration: "ten years", details: details)),
            .agreementDenounced(.init(party: try party("UZ"), notified: try date("2030-01-01"), details: details)),
            .agreementDenunciationWithdrawn(.init(party: try party("UZ"), details: details)),
            .agreementTerminated(.init(details)), .agreementExpired(.init(details)),
        ]
    }

    /// A statement of each event, each obeying every rule of form.
    static func statements() throws -> [Statement] {
        let details = EventDetails(
            date: try date("2026-04-01"), documents: [try document()], sources: ["https://example.com/d"],
            notes: "a step")
        let events: [Event] =
            [
                .agreementRegistered(try registered()), .agreementConsented(try consented(documents: [document()])),
                .agreementNoted(try noted(documents: [restrictedDocument()])),
            ] + (try steps(details))
        let first = try Statement.checked(
            agreement: nil, event: .registryEstablished(established()), ledger: .origin(origin), previous: nil,
            tree: nil)
        let voided = try Statement.checked(
            agreement: nil, event: .registryVoided(.init(entry: 7, leafHash: digest(8), reason: "a mistake")),
            expires: UTCTime(posixSeconds: 1_800_000_000), ledger: .registry(digest(1)), previous: digest(3),
            tree: TreeReference(root: digest(2), size: 1))
        return try [first] + events.map { try statement($0, previous: digest(3)) } + [voided]
    }

    static func statement(
        _ event: Event, agreement id: String = "KZ-UZ-2025-06", previous: ContentDigest? = nil,
        expires: UTCTime? = UTCTime(posixSeconds: 1_800_000_000)
    ) throws -> Statement {
        try Statement.checked(
            agreement: agreement(id), event: event, expires: expires, ledger: .registry(digest(1)),
            previous: previous, tree: TreeReference(root: digest(2), size: 1))
    }
}
