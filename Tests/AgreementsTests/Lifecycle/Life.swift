import Agreements
import Testing

/// A ledger under test: each entry's statement digest and leaf hash are made up, and each size is published.
struct Life {
    private(set) var state = LedgerState()

    static let firstLeaf = Fixture.digest(1)

    /// A ledger that has its entry 0.
    init() throws {
        let first = try Statement.checked(
            agreement: nil, event: .registryEstablished(Fixture.established()), ledger: .origin(Fixture.origin),
            previous: nil, tree: nil)
        #expect(violations(of: first).isEmpty)
        apply(first)
    }

    static func leafHash(_ index: Int64) -> ContentDigest { Fixture.digest(Int(index) + 1) }

    static func statementDigest(_ index: Int64) -> ContentDigest { Fixture.digest(Int(index) + 1000) }

    static func root(_ size: Int64) -> ContentDigest { Fixture.digest(Int(size) + 2000) }

    func statement(_ event: Event, agreement id: String = "KZ-UZ-2025-06", previous: ContentDigest?) throws -> Statement
    {
        try Statement.checked(
            agreement: Fixture.agreement(id), event: event, ledger: .registry(Self.firstLeaf), previous: previous,
            tree: TreeReference(root: Self.root(1), size: 1))
    }

    /// Nil for a listing.
    var judgedDay: CalendarDate?

    func violations(of statement: Statement, digest: ContentDigest? = nil) -> [RuleViolation] {
        state.violations(
            of: statement, statementDigest: digest ?? Self.statementDigest(state.size), on: judgedDay,
            publishedRoot: { $0 == 1 || $0 == 2 ? Self.root($0) : nil })
    }

    mutating func apply(_ statement: Statement) {
        state.apply(
            statement, statementDigest: Self.statementDigest(state.size), leafHash: Self.leafHash(state.size))
    }

    mutating func skip() { state.skip(leafHash: Self.leafHash(state.size)) }

    mutating func skip(statementDigest: ContentDigest) { state.skip(statementDigest: statementDigest) }

    func voiding(_ entry: Int64, leafHash: ContentDigest? = nil) throws -> Statement {
        let body = RegistryVoided(entry: entry, leafHash: leafHash ?? Self.leafHash(entry), reason: "a mistake")
        return try Statement.checked(
            agreement: nil, event: .registryVoided(body), ledger: .registry(Self.firstLeaf),
            previous: state.registryHead, tree: TreeReference(root: Self.root(1), size: 1))
    }

    /// Voids an entry, which must break no rule.
    mutating func void(_ entry: Int64) throws {
        let statement = try voiding(entry)
        #expect(violations(of: statement) == [])
        apply(statement)
    }

    /// Adds the next step of an agreement, which must break no rule.
    mutating func add(_ event: Event, agreement id: String = "KZ-UZ-2025-06") throws {
        let next = try statement(event, agreement: id, previous: state.agreement(Fixture.agreement(id))?.head)
        #expect(violations(of: next) == [])
        apply(next)
    }
}
