/// What the parties sign: one event in the life of an agreement or of the registry. See `docs/statement.md`.
///
///     {"agreement":"KZ-UZ-2025-06","body":{…},"event":"agreement.registered","expires":null,
///      "ledger":"sha256:…","previous":null,"tree":{"root":"sha256:…","size":12},"version":1}
package struct Statement: Hashable, Sendable {
    /// Nil in events of the registry itself.
    package let agreement: AgreementID?
    package let event: Event
    /// A draft that is not in the ledger by then is void.
    package let expires: UTCTime?
    package let ledger: LedgerReference
    /// The leaf hash of the last entry of the same life, nil for its first.
    package let previous: ContentDigest?
    /// Nil in `registry.established`, and only there.
    package let tree: TreeReference?
    package let version: Int

    /// What a statement of an unknown version was read from: this code cannot print the keys that it does not know.
    private let originalBytes: [UInt8]?

    package static let currentVersion = 1
    package static let maximumBytes = 32_768
    package static let maximumDepth = 16

    /// Checks nothing: see `checked` and `validated`.
    package init(
        agreement: AgreementID?,
        event: Event,
        expires: UTCTime? = nil,
        ledger: LedgerReference,
        previous: ContentDigest?,
        tree: TreeReference?,
        version: Int = Statement.currentVersion
    ) {
        self.init(
            agreement: agreement, event: event, expires: expires, ledger: ledger, previous: previous, tree: tree,
            version: version, originalBytes: nil)
    }

    init(
        agreement: AgreementID?,
        event: Event,
        expires: UTCTime?,
        ledger: LedgerReference,
        previous: ContentDigest?,
        tree: TreeReference?,
        version: Int,
        originalBytes: [UInt8]?
    ) {
        self.agreement = agreement
        self.event = event
        self.expires = expires
        self.ledger = ledger
        self.previous = previous
        self.tree = tree
        self.version = version
        self.originalBytes = originalBytes
    }

    /// A statement that obeys every rule of form.
    package static func checked(
        agreement: AgreementID?,
        event: Event,
        expires: UTCTime? = nil,
        ledger: LedgerReference,
        previous: ContentDigest?,
        tree: TreeReference?
    ) throws(StatementError) -> Statement {
        try Statement(
            agreement: agreement, event: event, expires: expires, ledger: ledger, previous: previous, tree: tree
        ).validated()
    }

    /// The same statement, printed and read back: so one made in memory obeys the very rules of one that was read.
    package func validated() throws(StatementError) -> Statement {
        try Statement(canonicalBytes: canonicalBytes)
    }

    /// The bytes that are signed, and whose digest is the identity of the event.
    package var canonicalBytes: [UInt8] {
        originalBytes ?? json.bytes
    }
}
