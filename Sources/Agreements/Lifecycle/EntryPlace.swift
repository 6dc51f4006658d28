/// What became of one entry of the ledger.
struct EntryPlace: Hashable, Sendable {
    enum Life: Hashable, Sendable {
        /// Passed over, of no effect.
        case none
        case registry
        case agreement(AgreementID)
    }

    /// Nil when the entry could not be read.
    let leafHash: ContentDigest?
    /// Whose life it was taken into. That it was voided later, `LedgerState.voidedEntries` says.
    let life: Life
}
