package import Agreements
package import TiledLog

extension LedgerState {
    /// The statement that would make the event the next of its life, naming the published tree.
    ///
    /// - Throws: `RegistryError` when a text of it has no place in a statement.
    package func nextStatement(
        of event: Event, agreement: AgreementID?, expires: UTCTime?, identity: ContentDigest, published head: TreeHead
    ) throws(RegistryError) -> Statement {
        guard head.size > 0 else {
            throw RegistryError(
                .refused, "the registry has published nothing yet, not even the entry that establishes it",
                hint: "when the missing witnesses have cosigned, run 'bitim publish', then try again")
        }
        let previous: ContentDigest?
        if case .agreementRegistered = event {
            previous = nil
        } else {
            previous = agreement.map { self.agreement($0)?.head } ?? registryHead
        }
        do {
            return try Statement.checked(
                agreement: agreement, event: event, expires: expires, ledger: .registry(identity), previous: previous,
                tree: TreeReference(root: ContentDigest(head.root), size: head.size))
        } catch {
            throw RegistryError(
                .usage, "this cannot be put into a statement: \(error)",
                hint: error.isRepetition
                    ? "name it once"
                    : "texts are plain: no line breaks, no control characters, in Unicode's normal form C")
        }
    }
}
