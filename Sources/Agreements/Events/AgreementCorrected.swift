/// Fields of the registration were wrong from the beginning, and this is what they should have said.
///
/// Ids, parties and documents are never corrected.
package struct AgreementCorrected: AgreementEventBody {
    package static let eventName = "agreement.corrected"

    /// A field of `agreement.registered` that can be corrected.
    package enum Field: String, Vocabulary {
        case binding, concluded, field, kind, languages, notes, reference, relations, sources, term, title, titleStatus
    }

    package let details: EventDetails
    /// Not empty.
    package let fields: Set<Field>
    /// A registration of which only `fields` count.
    package let values: AgreementRegistered

    /// - Parameter values: has the new values of `fields`; nothing else of it is taken.
    package init(_ fields: Set<Field>, from values: AgreementRegistered, details: EventDetails = EventDetails()) {
        self.fields = fields
        self.values = Self.corrected(Self.blank, fields, from: values)
        self.details = details
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        details = try reader.details()
        let corrections = try reader.value("fields")
        do throws(StatementError) {
            (fields, values) = try Self.read(corrections)
        } catch {
            throw error.inside("fields")
        }
    }

    func print(to printer: inout ObjectPrinter) {
        printer.details(details)
        var corrections = ObjectPrinter()
        for member in values.members where Field(text: member.key).map(fields.contains) ?? false {
            corrections.value(member.key, member.value)
        }
        printer.value("fields", corrections.json)
    }

    var event: Event { .agreementCorrected(self) }

    /// The registration as it should have been.
    package func applied(to registration: AgreementRegistered) -> AgreementRegistered {
        Self.corrected(registration, fields, from: values)
    }

    // MARK: - Fields

    // Put into a registration of which nothing else is known, the fields are read by the readers of a registration:
    // its rules are on single fields, so that what they allow here they allow in every registration.
    private static func read(_ corrections: CanonicalJSON) throws(StatementError) -> (Set<Field>, AgreementRegistered) {
        guard case .object(let members) = corrections else {
            throw StatementError("\(corrections.kindName) where an object was expected")
        }
        guard !members.isEmpty else { throw StatementError("must correct at least one field") }
        var fields: Set<Field> = []
        for member in members {
            guard let field = Field(text: member.key) else {
                let isNever = blank.members.contains { $0.key == member.key }
                throw StatementError(isNever ? "cannot be corrected" : "unknown key", at: member.key)
            }
            fields.insert(field)
        }
        let untouched = blank.members.filter { blank in !members.contains { $0.key == blank.key } }
        let whole = (untouched + members).sorted { $0.key < $1.key }
        return (fields, try AgreementRegistered(.object(whole)))
    }

    private static let blank = AgreementRegistered(
        title: nil, titleStatus: .unpublished, kind: .document,
        parties: ["X"].compactMap { PartyID($0) }.map { AgreementParty(party: $0) }, concluded: Conclusion())

    private static func corrected(
        _ old: AgreementRegistered, _ fields: Set<Field>, from new: AgreementRegistered
    ) -> AgreementRegistered {
        func value<Value>(_ field: Field, _ path: KeyPath<AgreementRegistered, Value>) -> Value {
            (fields.contains(field) ? new : old)[keyPath: path]
        }
        return AgreementRegistered(
            title: value(.title, \.title), titleStatus: value(.titleStatus, \.titleStatus), kind: value(.kind, \.kind),
            binding: value(.binding, \.binding), field: value(.field, \.field), parties: old.parties,
            concluded: value(.concluded, \.concluded), languages: value(.languages, \.languages),
            relations: value(.relations, \.relations), term: value(.term, \.term),
            reference: value(.reference, \.reference), documents: old.documents, sources: value(.sources, \.sources),
            notes: value(.notes, \.notes))
    }
}

extension AgreementRegistered {
    fileprivate var members: [CanonicalJSON.Member] {
        var printer = ObjectPrinter()
        print(to: &printer)
        guard case .object(let members) = printer.json else { return [] }
        return members
    }
}
