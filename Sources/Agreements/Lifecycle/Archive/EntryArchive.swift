/// Entries that a fold has taken in and does not keep: where it looks them up again.
///
/// What is here was folded by the rules already. It is shared by all copies of a `LedgerState`, and none changes it.
package protocol EntryArchive: AnyObject, Sendable {
    /// The entries that were taken into the life of an agreement, ascending. Voided ones are among them, those that were
    /// passed over (`LedgerState.skip`) are not.
    func entries(of agreement: AgreementID) throws(ArchiveFault) -> [Int64]

    /// The first entry that has this statement, taken in or passed over; nil when none has.
    ///
    /// - Parameter agreement: whose statement it is: the same statement names the same agreement. Nil for the registry's
    ///   own events.
    func index(ofStatement digest: ContentDigest, agreement: AgreementID?) throws(ArchiveFault) -> Int64?

    /// What stands at an index.
    func entry(at index: Int64) throws(ArchiveFault) -> ArchivedEntry

    /// Whether the entry was passed over, and so is of no effect.
    func isSkipped(_ index: Int64) throws(ArchiveFault) -> Bool
}

/// An entry as a fold took it in or passed over it.
package struct ArchivedEntry: Hashable, Sendable {
    package let leafHash: ContentDigest
    /// Nil when the entry has none that can be read: then it was passed over.
    package let statement: Statement?
    package let statementDigest: ContentDigest?

    package init(leafHash: ContentDigest, statement: Statement?, statementDigest: ContentDigest?) {
        self.leafHash = leafHash
        self.statement = statement
        self.statementDigest = statementDigest
    }
}

/// Why an archive cannot say what it should know: what hangs on it is then unknown, never good.
package struct ArchiveFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Such as `entry 7 cannot be read again`.
    package let description: String

    package init(_ description: String) { self.description = description }
}
