import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// Sixty lives of agreements, with voidings, signed and registered: how they were batched says nothing about them.
@Suite struct RegisteredLivesTests {
    private static let ids = (0..<60).compactMap { AgreementID("L-\($0)") }
    private static let attempts = 800

    /// Leaves that follow each other, each breaking no rule. All name the tree of entry 0, so that they fit whatever
    /// was published since.
    private func leaves(_ registry: ScratchRegistry) async throws -> [[UInt8]] {
        let registrar = try await registry.registrar()
        var chance = RandomLife(seed: 2025)
        let day = UTCTime(posixSeconds: registry.now)?.date
        var leaves: [[UInt8]] = []
        for _ in 0..<Self.attempts {
            let id = Self.ids[chance.number(0..<Self.ids.count)]
            let known = registrar.state.agreement(id)
            let event: Event
            if chance.chance(12), let entry = known?.entryIndices.last,
                let leafHash = registrar.state.leafHash(of: entry)
            {
                event = .registryVoided(.init(entry: entry, leafHash: leafHash, reason: "chance"))
            } else {
                event = known == nil ? chance.registration() : chance.step()
            }
            let agreement = event.name.hasPrefix("registry.") ? nil : id
            let statement = try registrar.statement(of: event, agreement: agreement)
            let violations = registrar.state.violations(
                of: statement, statementDigest: ContentDigest.of(statement.canonicalBytes), on: day,
                publishedRoot: { _ in statement.tree?.root })
            guard violations.isEmpty else { continue }
            let signers = try registrar.state.requiredSigners(of: statement).sorted().map {
                try registry.signer($0.text)
            }
            let leaf = try registry.leaf(content: statement.canonicalBytes, signers: signers)
            _ = try registrar.queue(leaf: leaf, documents: [:])
            leaves.append(leaf)
        }
        return leaves
    }

    @Test func `Lives come out the same in batches of any size, and an audit passes`() async throws {
        let registry = try await ScratchRegistry.established()
        let leaves = try await leaves(registry)
        #expect(leaves.count > 300)
        var states: [LedgerState] = []
        for size in [1, 13, 100, leaves.count] {
            let copy = try RegistryCopy(of: registry)
            var registrar: Registrar?
            var live = LedgerState()
            for start in stride(from: 0, to: leaves.count, by: size) {
                let current: Registrar
                if let registrar { current = registrar } else { current = try await copy.registrar() }
                for leaf in leaves[start..<min(start + size, leaves.count)] {
                    _ = try current.queue(leaf: leaf, documents: [:])
                }
                _ = try await current.commit()
                live = current.state
                // Large batches come from one process each.
                registrar = size < 100 ? current : nil
            }
            let reading = try await RegistryReading.read(
                registry: copy.registry, keys: copy.keys, selection: .none, now: copy.now)
            #expect(reading.state == live)
            states.append(reading.state)
            let report = try await copy.audit()
            #expect(report.verdict == .passed, "batches of \(size): \(report.faults)")
            #expect(report.entries == Int64(leaves.count + 1))
        }
        let first = try #require(states.first)
        #expect(states.allSatisfy { $0 == first })
        #expect(first.voidedEntries.count > 10)
        #expect(Set(first.agreements.map { $0.status(on: nil) }).count >= 4)
    }
}
