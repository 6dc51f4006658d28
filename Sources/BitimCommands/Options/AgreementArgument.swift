internal import Agreements
internal import Registry

/// An agreement's id as an argument.
enum AgreementArgument {
    static func parse(_ text: String) throws -> AgreementID {
        guard let id = AgreementID(text) else {
            throw RegistryError(
                .usage, "'\(text)' is not an agreement's id",
                hint: "ids are capital letters, digits and hyphens, such as KZ-UZ-2025-06; 'bitim list' shows them")
        }
        return id
    }

    /// - Parameter entries: those that name it all the same; none of them is of effect.
    static func unknown(_ id: AgreementID, entries: [JudgedEntry] = []) -> RegistryError {
        guard entries.isEmpty else {
            let findings = entries.flatMap(\.findings)
            return RegistryError(
                .refused,
                "the ledger has entries of \(id), and its registration is of no effect: \(findings.first?.message ?? "it is voided")",
                hint: "see 'bitim audit'", findings: findings)
        }
        return RegistryError(
            .unavailable, "there is no agreement \(id) in the published ledger", hint: "'bitim list' shows them all")
    }
}
