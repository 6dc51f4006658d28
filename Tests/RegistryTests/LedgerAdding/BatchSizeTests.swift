import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// How entries were batched says nothing about what they amount to.
@Suite struct BatchSizeTests {
    private static let count = 24

    @Test func `The same entries in batches of any size fold to the same state and the same roots`() async throws {
        let registry = try await ScratchRegistry.established()
        // All name the tree of entry 0, so that they fit whatever was published since.
        var leaves: [[UInt8]] = []
        do {
            let registrar = try await registry.registrar(patienceSeconds: 10)
            for number in 0..<Self.count {
                let statement = try registrar.statement(
                    of: .agreementRegistered(ScratchRegistry.body(title: "Agreement \(number)")),
                    agreement: AgreementID("A-\(number)")!)
                leaves.append(
                    try registry.leaf(
                        content: statement.canonicalBytes, signers: [registry.signer("KZ"), registry.signer("UZ")]))
            }
        }
        var outcomes: Set<Outcome> = []
        for size in [1, 2, 3, 5, 7, 23, Self.count] {
            let copy = try RegistryCopy(of: registry)
            for start in stride(from: 0, to: Self.count, by: size) {
                let registrar = try await copy.registrar()
                for leaf in leaves[start..<min(start + size, Self.count)] {
                    _ = try registrar.queue(leaf: leaf, documents: [:])
                }
                let live = registrar.state
                let head = try await registrar.commit().head
                // The live state is the one that a reader folds from the disk.
                let reading = try await RegistryReading.read(
                    registry: copy.registry, keys: copy.keys, selection: .none, now: copy.now)
                #expect(Outcome(live, head) == Outcome(reading.state, reading.ledger.publishedHead))
            }
            let reading = try await RegistryReading.read(
                registry: copy.registry, keys: copy.keys, selection: .all, now: copy.now)
            outcomes.insert(Outcome(reading.state, reading.ledger.publishedHead))
            let report = try await copy.audit()
            #expect(report.verdict == .passed, "batches of \(size): \(report.faults)")
            #expect(try copy.leaves().dropFirst() == leaves[...])
        }
        #expect(outcomes.count == 1)
        #expect(outcomes.first?.ids.count == Self.count)
    }

    private struct Outcome: Hashable {
        let size: Int64
        let root: SHA256Digest
        let identity: ContentDigest?
        let registryHead: ContentDigest?
        let ids: [AgreementID]
        let titles: [String?]
        let heads: [ContentDigest?]
        let indices: [[Int64]]

        init(_ state: LedgerState, _ head: TreeHead) {
            size = state.size
            root = head.root
            identity = state.identity
            registryHead = state.registryHead
            ids = state.agreements.map(\.id)
            titles = state.agreements.map { $0.registration.title?.byLanguage["en"] }
            heads = state.agreements.map(\.head)
            indices = state.agreements.map(\.entryIndices)
        }
    }
}
