import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// An entry is judged by the very time that its cosignatures name: nothing lapses in between.
@Suite struct CosignatureTimeTests {
    /// Moves by a second whenever it is read.
    private final class TickingClock: @unchecked Sendable {
        private var next: Int64

        init(_ start: Int64) { next = start }

        func read() -> Int64 {
            defer { next += 1 }
            return next
        }
    }

    private struct Lapsing {
        let registry: ScratchRegistry
        let leaf: [UInt8]
        let expires: Int64

        init() async throws {
            registry = try await ScratchRegistry.established()
            try await registry.add("A-1")
            expires = registry.now + 1000
            let statement = try await registry.registrar().statement(
                of: .agreementEnteredIntoForce(.init()), agreement: AgreementID("A-1"),
                expires: UTCTime(posixSeconds: expires))
            leaf = try registry.leaf(
                content: statement.canonicalBytes, signers: [registry.signer("KZ"), registry.signer("UZ")])
        }

        /// Does the work in copies of the registry, the draft lapsing at every reading of the clock in turn.
        func sweep(_ work: (Registrar, RegistryCopy) async throws -> Registrar.Publishing?) async throws -> Set<Bool> {
            var published: Set<Bool> = []
            for seconds in 0..<16 as Range<Int64> {
                let copy = try RegistryCopy(of: registry)
                let clock = TickingClock(expires - seconds)
                let registrar = try await Registrar.open(
                    registry: copy.registry, keys: copy.keys, vault: copy.vault(), now: clock.read,
                    purpose: .completing)
                if case .published? = try await work(registrar, copy) {
                    published.insert(true)
                    let report = try await Audit(registry: copy.registry, keys: copy.keys, now: expires + 100).run()
                    #expect(report.verdict == .passed, "\(seconds): \(report.findings)")
                } else {
                    published.insert(false)
                }
            }
            return published
        }
    }

    @Test func `A witness judges what is pending by the time of its cosignature`() async throws {
        let lapsing = try await Lapsing()
        try lapsing.registry.putPending([lapsing.leaf])
        let published = try await lapsing.sweep { registrar, _ in try await registrar.publish() }
        #expect(published == [true, false])
    }

    @Test func `What is queued is judged again by the time of its cosignatures, or nothing is added`() async throws {
        let lapsing = try await Lapsing()
        let published = try await lapsing.sweep { registrar, copy in
            do {
                _ = try registrar.queue(leaf: lapsing.leaf, documents: [:])
                let publishing = try await registrar.commit()
                #expect(publishing.missing == nil)
                return publishing
            } catch let error as RegistryError {
                #expect(error.findings.map(\.key) == ["statement.expired"])
                let ledger = try OpenedLedger.open(registry: copy.registry, keys: copy.keys)
                #expect(ledger.fullHead.size == 2)
                #expect(try copy.checkedFiles().filter { $0.contains("entries/000.p/3") }.isEmpty)
                return nil
            }
        }
        #expect(published == [true, false])
    }
}
