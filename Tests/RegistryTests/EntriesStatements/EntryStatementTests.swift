import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// Statements in good form, signed by everyone, at a place in a ledger where they must not stand.
@Suite struct EntryStatementTests {
    private func leaf(_ crowded: CrowdedRegistry, _ statement: Statement) throws -> [UInt8] {
        try crowded.leaf(statement.canonicalBytes, [crowded.signer("KZ"), crowded.signer("UZ")])
    }

    private func altered(
        _ statement: Statement, expires: UTCTime? = nil, ledger: LedgerReference? = nil, previous: ContentDigest? = nil,
        tree: TreeReference? = nil
    ) throws -> Statement {
        try Statement.checked(
            agreement: statement.agreement, event: statement.event, expires: expires,
            ledger: ledger ?? statement.ledger, previous: previous ?? statement.previous, tree: tree ?? statement.tree)
    }

    // MARK: The ledger

    @Test func `Another registry's statement is refused`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let other = try await ScratchRegistry.established(origin: "other.example/registry")
        let foreign = try await other.statement("A-2")
        // In its place in every other respect.
        let here = try crowded.statement()
        let statement = try altered(here, ledger: foreign.ledger)
        try await Refusal("statement.ledger.mismatch", "made for another ledger")
            .holds(for: leaf(crowded, statement), in: crowded)
        try await Refusal("statement.ledger.mismatch", "made for another ledger")
            .holds(for: leaf(crowded, foreign), in: crowded, alone: false)
    }

    /// The same keys, the same origin, the same parties: only entry 0's signatures differ.
    @Test func `An entry cannot be replayed in a rebuilt registry`() async throws {
        let rebuilt = try ScratchRegistry()
        try await rebuilt.establish()
        let original = try await rebuilt.statement("A-1")
        let otherIdentity = ContentDigest.of(Array("a rebuilt entry 0".utf8))
        let statement = try altered(original, ledger: .registry(otherIdentity))
        let leaf = try rebuilt.leaf(
            content: statement.canonicalBytes, signers: [rebuilt.signer("KZ"), rebuilt.signer("UZ")])
        let error = await #expect(throws: RegistryError.self) {
            try await rebuilt.registrar().queue(leaf: leaf, documents: [:])
        }
        #expect(error?.findings.map(\.key) == ["statement.ledger.mismatch"])
        #expect(error?.findings.first?.expected == rebuilt.identity.text)
        #expect(error?.findings.first?.actual == otherIdentity.text)
    }

    @Test func `Entry 0 does not come twice`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let copy = try crowded.copy()
        let first = try OpenedLedger.open(registry: copy.registry, keys: copy.keys)
        let statement = Statement(
            agreement: nil, event: .registryEstablished(RegistryEstablished(first.constitution)),
            ledger: .origin(first.constitution.log.origin),
            previous: nil, tree: nil)
        let signers = ["KZ", "TM", "UZ"].map { crowded.signer($0) }
        // Another name, or it would be the same statement as entry 0.
        let content = try statement.canonicalBytes.replacing("A test's registry", with: "Another registry")
        try await Refusal("event.order", "only entry 0 may be registry.established")
            .holds(for: crowded.leaf(content, signers), in: crowded, alone: false)
    }

    // MARK: previous

    @Test func `A registration that names a previous entry is refused`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let statement = try altered(crowded.statement(), previous: ContentDigest.of([1]))
        try await Refusal("statement.previous.mismatch", "does not follow the last entry")
            .holds(for: leaf(crowded, statement), in: crowded)
    }

    enum WrongPrevious: CaseIterable { case none, entryZero, invented }

    @Test(arguments: WrongPrevious.allCases)
    func `A consent that does not follow the agreement's last entry is refused`(_ wrong: WrongPrevious) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registrar = try await crowded.copy().registrar()
        let good = try registrar.statement(
            of: .agreementConsented(AgreementConsented(party: ScratchRegistry.kz, means: .ratification)),
            agreement: AgreementID(CrowdedRegistry.agreement)!)
        let previous: ContentDigest? =
            switch wrong {
            case .none: nil
            case .entryZero: registrar.identity
            case .invented: ContentDigest.of([])
            }
        let statement = try Statement.checked(
            agreement: good.agreement, event: good.event, ledger: good.ledger, previous: previous, tree: good.tree)
        let leaf = try crowded.leaf(statement.canonicalBytes, [crowded.signer("KZ")])
        try await Refusal("statement.previous.mismatch", "does not follow the last entry").holds(for: leaf, in: crowded)
        let right = try crowded.leaf(good.canonicalBytes, [crowded.signer("KZ")])
        #expect(try registrar.queue(leaf: right, documents: [:]).index == 2)
    }

    @Test func `Of two rival next steps only one is accepted`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let id = AgreementID(CrowdedRegistry.agreement)!
        let rivals = try await [ScratchRegistry.kz, ScratchRegistry.uz].mapInOrder { party in
            try await registry.registrar().statement(
                of: .agreementConsented(AgreementConsented(party: party, means: .ratification)), agreement: id)
        }
        let registrar = try await registry.registrar()
        let first = try crowded.leaf(rivals[0].canonicalBytes, [crowded.signer("KZ")])
        let second = try crowded.leaf(rivals[1].canonicalBytes, [crowded.signer("UZ")])
        #expect(try registrar.queue(leaf: first, documents: [:]).index == 2)
        let error = #expect(throws: RegistryError.self) { try registrar.queue(leaf: second, documents: [:]) }
        #expect(error?.findings.map(\.key) == ["statement.previous.mismatch"])
        try await registry.putByHand([first, second])
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.map(\.key) == ["statement.previous.mismatch"])
        #expect(report.findings.map(\.entry) == [3])
    }

    // MARK: tree

    struct WrongTree: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: Refusal
        let tree: @Sendable (TreeReference) -> TreeReference
    }

    static let wrongTrees: [WrongTree] = [
        WrongTree(
            testDescription: "larger than what came before it",
            refusal: Refusal("statement.tree.unknown", "names a tree of 3 entries, of which 2 came before it")
        ) { TreeReference(root: $0.root, size: 3) },
        WrongTree(
            testDescription: "of the largest size",
            refusal: Refusal("statement.tree.unknown", "of which 2 came before it")
        ) { TreeReference(root: $0.root, size: CanonicalJSON.maximumInteger) },
        WrongTree(
            testDescription: "of another root", refusal: Refusal("statement.tree.mismatch", "has another root")
        ) { TreeReference(root: ContentDigest.of([]), size: $0.size) },
        WrongTree(
            testDescription: "of another size's root", refusal: Refusal("statement.tree.mismatch", "has another root")
        ) { TreeReference(root: $0.root, size: 1) },
    ]

    @Test(arguments: wrongTrees)
    func `A statement that names no published tree is refused`(_ wrong: WrongTree) async throws {
        let crowded = try await CrowdedRegistry.shared()
        let good = try crowded.statement()
        let statement = try altered(good, tree: wrong.tree(try #require(good.tree)))
        try await wrong.refusal.holds(for: leaf(crowded, statement), in: crowded)
    }

    /// Size 3 is a prefix of the ledger, with its true root, and no checkpoint ever had it.
    @Test func `A tree that was never published is refused`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let together = try await [registry.statement("B-1"), registry.statement("B-2")].map { try leaf(crowded, $0) }
        try await registry.putByHand(together)
        #expect(try await registry.audit().verdict == .passed)
        let good = try await registry.statement("B-3")
        let size: Int64 = 3
        let root = try MerkleTree.root(size: size, from: registry.registry.ledger.subtrees(size: 4))
        let statement = try altered(good, tree: TreeReference(root: ContentDigest(root), size: size))
        let bad = try leaf(crowded, statement)
        let error = await #expect(throws: RegistryError.self) {
            try await registry.registrar().queue(leaf: bad, documents: [:])
        }
        #expect(error?.findings.map(\.key) == ["statement.tree.unknown"])
        #expect(error?.message.contains("no checkpoint of size 3 was published") == true)
        try await registry.putByHand([bad])
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.map(\.key) == ["statement.tree.unknown"])
        #expect(report.findings.map(\.entry) == [4])
    }

    @Test func `An older published tree is enough`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let draft = try await registry.statement("B-1")
        try await registry.add("B-2")
        try await registry.add("B-3")
        let registrar = try await registry.registrar()
        #expect(try registrar.queue(leaf: leaf(crowded, draft), documents: [:]).index == 4)
        _ = try await registrar.commit()
        #expect(try await registry.audit().verdict == .passed)
    }

    // MARK: expires, version, parties

    @Test func `A draft that has lapsed is refused`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let statement = try altered(
            crowded.statement(), expires: UTCTime(posixSeconds: crowded.now - 1)!)
        try await Refusal("statement.expired", "the draft had lapsed before it was registered")
            .holds(for: leaf(crowded, statement), in: crowded)
    }

    @Test func `A draft is good up to the second that it names`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let statement = try altered(
            await registry.statement("A-2"), expires: UTCTime(posixSeconds: crowded.now)!)
        let registrar = try await registry.registrar()
        #expect(try registrar.queue(leaf: leaf(crowded, statement), documents: [:]).index == 2)
        _ = try await registrar.commit()
        registry.advance(by: 1_000_000)
        #expect(try await registry.audit().verdict == .passed)
    }

    @Test func `A statement of a later version is neither added nor passed`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes.replacing("\"version\":1", with: "\"version\":2")
        let leaf = try crowded.leaf(content, [crowded.signer("KZ"), crowded.signer("UZ")])
        try await Refusal("statement.version.unknown", "of version 2 is not known", verdict: .indeterminate)
            .holds(for: leaf, in: crowded, alone: false)
    }

    @Test func `A later version does not excuse bad signatures or a wrong tree`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let content = try crowded.statement().canonicalBytes.replacing("\"version\":1", with: "\"version\":2")
        let unlisted = try crowded.leaf(content, [crowded.unlisted])
        try await Refusal("entry.signer.unlisted", "no party's list").holds(for: unlisted, in: crowded, alone: false)
        let size = try content.replacing("\"size\":2", with: "\"size\":1")
        let leaf = try crowded.leaf(size, [crowded.signer("KZ"), crowded.signer("UZ")])
        try await Refusal("statement.tree.mismatch", "another root").holds(for: leaf, in: crowded, alone: false)
    }

    @Test func `What follows an unknown version is not decided`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registry = try crowded.copy()
        let registrar = try await registry.registrar()
        let id = AgreementID(CrowdedRegistry.agreement)!
        let event = Event.agreementConsented(AgreementConsented(party: ScratchRegistry.kz, means: .ratification))
        let later = try registrar.statement(of: event, agreement: id).canonicalBytes
            .replacing("\"version\":1", with: "\"version\":2")
        let unknown = try crowded.leaf(later, [crowded.signer("KZ")])
        try await registry.putByHand([unknown])
        let next = try Statement.checked(
            agreement: id, event: event, ledger: .registry(registrar.identity),
            previous: ContentDigest(MerkleTree.leafHash(unknown)),
            tree: try registrar.statement(of: event, agreement: id).tree)
        try await registry.putByHand([crowded.leaf(next.canonicalBytes, [crowded.signer("KZ")])])
        let report = try await registry.audit()
        #expect(report.verdict == .indeterminate)
        #expect(report.findings.filter { $0.entry == 3 }.map(\.key) == ["agreement.state.unknown"])
    }

    @Test func `An agreement's id is used once`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let statement = try crowded.statement(CrowdedRegistry.agreement, title: "A rival")
        try await Refusal("agreement.id.used", "A-1 was registered as entry 1")
            .holds(for: leaf(crowded, statement), in: crowded)
    }

    @Test func `A party that the registry does not know is refused`() async throws {
        let crowded = try await CrowdedRegistry.shared()
        let registrar = try await crowded.copy().registrar()
        let statement = try registrar.statement(
            of: .agreementRegistered(ScratchRegistry.body(parties: ["KZ", "XX"])), agreement: AgreementID("A-2")!)
        let leaf = try crowded.leaf(statement.canonicalBytes, [crowded.signer("KZ")])
        try await Refusal("agreement.party.unknown", "XX is no party of the registry")
            .holds(for: leaf, in: crowded, alone: false)
    }
}

extension Array {
    /// Like `map`, one after the other.
    fileprivate func mapInOrder<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
