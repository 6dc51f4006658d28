import Agreements
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// What is to be said of a leaf that must not be in a ledger.
struct Refusal: Sendable {
    let key: String
    /// A part of the finding's message.
    let saying: String
    /// What an audit makes of it; never `passed`.
    let verdict: Verdict

    init(_ key: String, _ saying: String, verdict: Verdict = .failed) {
        self.key = key
        self.saying = saying
        self.verdict = verdict
    }

    /// Holds a leaf against both gates: it is not added, and a ledger that has it by hand does not pass.
    ///
    /// - Parameters:
    ///   - alone: whether nothing else may be found, so that it is this very rule which refuses.
    ///   - prepare: what is done to the registry first.
    func holds(
        for leaf: [UInt8], in crowded: CrowdedRegistry, alone: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation, _ prepare: (ScratchRegistry) throws -> Void = { _ in }
    ) async throws {
        let registry = try crowded.copy()
        try prepare(registry)
        try await requireNotAdded(leaf, registry, alone, sourceLocation)
        try await requireFoundByAudit(leaf, registry, alone, sourceLocation)
    }

    private func requireNotAdded(
        _ leaf: [UInt8], _ registry: ScratchRegistry, _ alone: Bool, _ location: SourceLocation
    ) async throws {
        let registrar = try await registry.registrar()
        let size = CrowdedRegistry.size
        let error = #expect(throws: RegistryError.self, sourceLocation: location) {
            try registrar.queue(leaf: leaf, documents: [:])
        }
        guard let error else { return }
        #expect(error.code == .refused, sourceLocation: location)
        #expect(error.message.contains(saying), sourceLocation: location)
        check(error.findings, entry: size, alone, location)
        guard case .published(let head) = try await registrar.commit() else {
            Issue.record("something is pending", sourceLocation: location)
            return
        }
        #expect(head.size == size, "nothing was added", sourceLocation: location)
    }

    private func requireFoundByAudit(
        _ leaf: [UInt8], _ registry: ScratchRegistry, _ alone: Bool, _ location: SourceLocation
    ) async throws {
        let size = CrowdedRegistry.size
        try await registry.putByHand([leaf])
        let report = try await registry.audit()
        #expect(report.entries == size + 1, sourceLocation: location)
        #expect(report.verdict == verdict, sourceLocation: location)
        check(report.findings, entry: size, alone, location)
    }

    private func check(_ findings: [Finding], entry: Int64, _ alone: Bool, _ location: SourceLocation) {
        let own = findings.filter { $0.entry == entry && $0.severity != .warning }
        #expect(
            own.contains { $0.key == key && $0.message.contains(saying) }, "\(own.map { "\($0.key): \($0.message)" })",
            sourceLocation: location)
        #expect(own.verdict == verdict, sourceLocation: location)
        guard alone else { return }
        #expect(Set(own.map(\.key)) == [key], "\(own.map { "\($0.key): \($0.message)" })", sourceLocation: location)
    }
}
