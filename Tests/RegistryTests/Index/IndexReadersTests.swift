import Agreements
import Foundation
import LedgerIndex
import Support
import Synchronization
import Testing
import TiledLog

@testable import Registry

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

    /// Another process that brings the index up to date for a while; returns when it has begun.
    private func beginUpdate(of desk: IndexDesk, seconds: Double) throws {
        let head = try IndexReader(desk.path).head
        let hasBegun = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            do {
                let lock = try FileLock.acquire(
                    desk.registry.fullPath(RegistryFolder.indexLockName), patienceSeconds: 5)
                // As long as it is written, no seal is of the file.
                try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: desk.path)
                hasBegun.signal()
                Thread.sleep(forTimeInterval: seconds)
                try IndexSeal.remember(desk.path, head, in: desk.keys)
                extendLifetime(lock)
            } catch {
                Issue.record("\(error)")
                hasBegun.signal()
            }
        }
        hasBegun.wait()
    }

    @Test func `Who looks things up waits for whoever is writing the index`() async throws {
        let registry = try await registry(of: 3)
        let desk = IndexDesk(registry)
        _ = try await desk.read(.agreements([Self.id(1)]), indexed: true)
        try await IndexUse.$smallestSize.withValue(1) {
            // The first one judges what a reader has not, and makes an index to go on from.
            try await registry.add("R-4")
            let registrar = try await registry.registrar()
            try beginUpdate(of: desk, seconds: 0.5)
            let statement = try registrar.statement(
                of: .agreementRegistered(ScratchRegistry.body()), agreement: Self.id(5))
            _ = try registrar.sign(statement, documents: [:])
            _ = try await registrar.commit()
            registry.advance(by: 10)
        }
        try beginUpdate(of: desk, seconds: 0.5)
        let reading = try await IndexDesk(registry).read(.agreements([Self.id(5)]), indexed: true)
        #expect(reading.restsOnIndex && reading.state.agreement(Self.id(5)) != nil)
    }
}
