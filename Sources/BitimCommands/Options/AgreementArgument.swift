internal import Agreements
internal import Registry

/// An agreement's id as an argument.
enum AgreementArgument {
    static func parse(_ text: String) throws -> AgreementID {
        guard let id = AgreementID(text) else {
            throw RegistryError(
                .usage, "'\(text)' is not an agreement's id",
                hint:
                    "ids, such as KZ-UZ-2025-06, begin with a capital letter or a digit; up to 63 letters, digits and "
                    + "hyphens follow. 'bitim list' shows them")
        }
        return id
    }

    /// - Parameters:
    ///   - entries: those that name it all the same; none of them is of effect.
    ///   - voided: the entries that are voided, each with the entry that did it.
    static func unknown(
        _ id: AgreementID, entries: [JudgedEntry] = [], voided: [Int64: Int64] = [:]
    ) -> RegistryError {
        guard entries.isEmpty else {
            let findings = entries.flatMap(\.findings)
            let voiding = entries.lazy.compactMap { voided[$0.index] }.first.map { "voided by entry \($0)" }
            return RegistryError(
                .refused,
                "the ledger has entries of \(id), and its registration is of no effect: "
                    + (findings.first?.message ?? voiding ?? "see its findings"),
                hint: "see 'bitim audit'; 'bitim export' has all entries", findings: findings)
        }
        return RegistryError(
            .unavailable, "there is no agreement \(id) in the published ledger",
            hint: "'bitim list' shows them all")
    }
}
