/// What an agreement does to another one, which need not be in the registry.
package struct AgreementRelation: StatementObject {
    package enum Relation: String, Vocabulary {
        case amends, replaces, implements, supplements, terminates
        case relatesTo = "relates-to"
    }

    package let agreement: AgreementID
    package let relation: Relation

    package init(_ relation: Relation, _ agreement: AgreementID) {
        self.relation = relation
        self.agreement = agreement
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        agreement = try reader.text("agreement", as: AgreementID.self)
        relation = try reader.text("relation", as: Relation.self)
    }

    func print(to printer: inout ObjectPrinter) {
        printer.text("agreement", agreement)
        printer.text("relation", relation)
    }
}
