import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

@Suite struct VoidedEntriesTests {
    private func void(_ entry: Int64, in registry: ScratchRegistry) async throws -> Registrar.Publishing {
        let registrar = try await registry.registrar()
        let leafHash = try #require(registrar.state.leafHash(of: entry))
        let event = Event.registryVoided(.init(entry: entry, leafHash: leafHash, reason: "a test"))
        let statement = try registrar.statement(of: event, agreement: nil)
        #expect(registrar.state.requiredSigners(of: statement) == [ScratchRegistry.kz, ScratchRegistry.uz])
        _ = try registrar.sign(statement, documents: [:])
        return try await registrar.commit()
    }

    /// What all must sign, signed by one.
    private func badLeaf(_ registry: ScratchRegistry) async throws -> [UInt8] {
        let statement = try await registry.registrar().statement(
            of: .agreementTerminated(.init()), agreement: AgreementID("A-1"))
        return try registry.leaf(content: statement.canonicalBytes, signers: [registry.signer("KZ")])
    }

    @Test func `A bad entry fails an audit until all parties have voided it, and stays readable`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("A-1")
        try await registry.putByHand([badLeaf(registry)])
        let before = try await registry.audit()
        #expect(before.verdict == .failed)
        #expect(before.findings.map(\.key) == ["entry.signers.missing"])

        _ = try await void(2, in: registry)
        let after = try await registry.audit()
        #expect(after.verdict == .passed)
        #expect(after.findings.map(\.key) == ["entry.signers.missing"])
        #expect(after.findings.map(\.severity) == [.warning])
        #expect(after.findings.first?.message.hasSuffix("voided by entry 3") == true)
        #expect(after.entries == 4)
        let reading = try await RegistryReading.read(
            registry: registry.registry, keys: registry.keys, selection: .all, now: registry.now)
        #expect(reading.judged[2].entry.statement?.event.name == "agreement.terminated")
        #expect(reading.state.agreement(AgreementID("A-1")!)?.status(on: nil) == .signed)
    }

    @Test func `A witness cosigns a tree with a bad entry only when the entry is voided in it`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("A-1")
        let leaf = try await badLeaf(registry)
        try registry.putPending([leaf])
        guard case .pending(_, let missing, _) = try await registry.registrar().publish() else {
            Issue.record("a bad entry was published")
            return
        }
        #expect(missing == ["KZ", "UZ"])

        guard case .published(let head) = try await void(2, in: registry) else {
            Issue.record("still pending")
            return
        }
        #expect(head.size == 4)
        #expect(try await registry.audit().verdict == .passed)
    }

    @Test func `What is voided no longer proves a document, nor an agreement`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("A-1")
        let document = registry.scratch.file("documents/A-1.txt")
        func verify() async throws -> [(Verdict, [String])] {
            try await Verification(registry: registry.registry, keys: registry.keys, now: registry.now)
                .verify(["A-1", document]).targets.map { ($0.verdict, $0.findings.map(\.key)) }
        }
        for (verdict, keys) in try await verify() {
            #expect(verdict == .passed)
            #expect(keys == [])
        }
        _ = try await void(1, in: registry)
        for (verdict, keys) in try await verify() {
            #expect(verdict == .failed)
            #expect(keys == ["entry.voided"])
        }
        #expect(try await registry.audit().verdict == .passed)
    }

    @Test func `The statement of a voided entry is refused when it comes again, not taken for done`() async throws {
        let registry = try await ScratchRegistry.established()
        let statement = try await registry.statement("A-1")
        let leaf = try registry.leaf(
            content: statement.canonicalBytes, signers: [registry.signer("KZ"), registry.signer("UZ")])
        let registrar = try await registry.registrar()
        #expect(try registrar.queue(leaf: leaf, documents: [:]).wasThere == false)
        #expect(try registrar.queue(leaf: leaf, documents: [:]).wasThere)
        _ = try await registrar.commit()
        let void = try registrar.statement(
            of: .registryVoided(
                .init(entry: 1, leafHash: try #require(registrar.state.leafHash(of: 1)), reason: "a test")),
            agreement: nil)
        _ = try registrar.sign(void, documents: [:])
        let error = #expect(throws: RegistryError.self) { try registrar.queue(leaf: leaf, documents: [:]) }
        #expect(error?.findings.map(\.key) == ["statement.duplicate"])
        #expect(error?.message.contains("entry 1, which is of no effect") == true)
    }

    @Test func `Only the whole of the parties voids`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("A-1")
        let registrar = try await registry.registrar()
        let leafHash = try #require(registrar.state.leafHash(of: 1))
        let statement = try registrar.statement(
            of: .registryVoided(.init(entry: 1, leafHash: leafHash, reason: "a test")), agreement: nil)
        for party in ["KZ", "UZ"] {
            let leaf = try registry.leaf(content: statement.canonicalBytes, signers: [registry.signer(party)])
            let error = #expect(throws: RegistryError.self) { try registrar.queue(leaf: leaf, documents: [:]) }
            #expect(error?.findings.map(\.key) == ["entry.signers.missing"])
        }
    }

    @Test func `A withdrawal that comes after the day of the denunciation is refused, and by hand fails an audit`()
        async throws
    {
        let registry = try await ScratchRegistry.established()
        try await registry.add("A-1")
        let today = try #require(UTCTime(posixSeconds: registry.now)?.date)
        let tomorrow = try #require(CalendarDate(daysSinceEpoch: today.daysSinceEpoch + 1))
        for event: Event in [
            .agreementEnteredIntoForce(.init()),
            .agreementDenounced(
                .init(party: ScratchRegistry.uz, notified: today, details: EventDetails(date: tomorrow))),
        ] {
            let registrar = try await registry.registrar()
            _ = try registrar.sign(registrar.statement(of: event, agreement: AgreementID("A-1")), documents: [:])
            _ = try await registrar.commit()
        }
        let withdrawal = Event.agreementDenunciationWithdrawn(
            .init(party: ScratchRegistry.uz, details: EventDetails(date: today)))
        let statement = try await registry.registrar().statement(of: withdrawal, agreement: AgreementID("A-1"))
        let copy = try RegistryCopy(of: registry)
        registry.advance(by: 86_400)
        let leaf = try registry.leaf(content: statement.canonicalBytes, signers: [registry.signer("UZ")])
        let error = await #expect(throws: RegistryError.self) {
            try await registry.registrar().queue(leaf: leaf, documents: [:])
        }
        #expect(error?.findings.map(\.key) == ["agreement.status.refused"])
        try await registry.putByHand([leaf])
        let report = try await registry.audit()
        #expect(report.verdict == .failed)
        #expect(report.findings.map(\.key) == ["agreement.status.refused"])

        // A day earlier it was in time.
        let early = try registry.leaf(
            content: statement.canonicalBytes, signers: [registry.signer("UZ")], signingTime: copy.now)
        let registrar = try await copy.registrar()
        _ = try registrar.queue(leaf: early, documents: [:])
        _ = try await registrar.commit()
        #expect(try await copy.audit().verdict == .passed)
    }
}
