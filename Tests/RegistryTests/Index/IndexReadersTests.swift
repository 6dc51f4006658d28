import Agreements
import Registry
import Support
import Synchronization
import Testing
import TiledLog

/// Readers of an index while it is brought up to date.
@Suite struct IndexReadersTests {
    /// How many agreements are published, and whether the writer is done.
    private final class Progress: Sendable {
        private let state = Mutex((published: 0, isDone: false))

        var published: Int { state.withLock { $0.published } }
        var isDone: Bool { state.withLock { $0.isDone } }
        func publish(_ count: Int) { state.withLock { $0.published = count } }
        func finish() { state.withLock { $0.isDone = true } }
    }

    private static func id(_ number: Int) -> AgreementID { AgreementID("R-\(number)")! }

    /// Published by one checkpoint.
    private func registry(of count: Int) async throws -> ScratchRegistry {
        let registry = try await ScratchRegistry.established()
        let registrar = try await registry.registrar()
        for number in 1...count {
            _ = try registrar.sign(
                registrar.statement(
                    of: .agreementRegistered(ScratchRegistry.body(title: "Agreement \(number)")),
                    agreement: Self.id(number)), documents: [:])
        }
        _ = try await registrar.commit()
        registry.advance(by: 10)
        return registry
    }

    @Test func `Whatever was published before a reader comes is found, while others are added`() async throws {
        // Past the end of a bundle, where partial tiles and bundles go.
        let (first, last) = (250, 262)
        let registry = try await registry(of: first)
        let desk = IndexDesk(registry)
        let progress = Progress()
        progress.publish(first)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var looks = 0
                    while !progress.isDone {
                        let known = progress.published
                        let reading = try await desk.read(.agreements([Self.id(known), Self.id(1)]), indexed: true)
                        #expect(reading.state.agreement(Self.id(known)) != nil, "\(known)")
                        #expect(reading.state.agreement(Self.id(1)) != nil)
                        #expect(reading.state.agreementCount >= known)
                        #expect(reading.judged.allSatisfy { $0.verdict == .passed })
                        looks += 1
                        // A reader that waits for nothing would leave the writer no thread.
                        await Task.yield()
                    }
                    return looks
                }
            }
            defer { progress.finish() }
            for number in (first + 1)...last {
                try await IndexUse.$smallestSize.withValue(1) { _ = try await registry.add("R-\(number)") }
                progress.publish(number)
            }
            progress.finish()
            for try await looks in group { #expect(looks > 0) }
        }
        try await IndexDesk(registry).expectSameLives(of: [1, first, first + 5, last].map(Self.id))
    }
}
