import Agreements
import Support
import Testing
import TiledLog

@testable import Registry

/// What one addition asks of the disk, and in which order.
@Suite struct SyncsTests {
    /// One agreement with a document: signed, written, cosigned by both witnesses, published.
    private func steps(of registry: ScratchRegistry, adding id: String) async throws -> [DiskRecorder.Step] {
        let recorder = DiskRecorder()
        try await DiskRecorder.$current.withValue(recorder) { try await registry.add(id) }
        return recorder.steps
    }

    @Test func `One addition makes ten sync calls at most`() async throws {
        let registry = try await ScratchRegistry.established()
        for id in ["A-1", "A-2", "A-3"] {
            let steps = try await steps(of: registry, adding: id)
            let syncs = steps.filter(\.isSync)
            #expect(syncs.count <= 10, "\(syncs)")
        }
    }

    @Test func `Each arrow of the order of adding is on disk before the next begins`() async throws {
        let registry = try await ScratchRegistry.established()
        _ = try await steps(of: registry, adding: "A-1")
        let steps = try await steps(of: registry, adding: "A-2")
        func first(_ mark: String) -> Int? {
            steps.firstIndex {
                if case .named(let path) = $0 { path.contains(mark) } else { false }
            }
        }
        let order = try [
            "/documents/", "/tile/entries/", "/tile/0/", "/log.state", "/state/pending", "-witness.state",
            "/checkpoints/", "/ledger/checkpoint",
        ].map { mark in try #require(first(mark), "\(mark) was not named: \(steps)") }
        #expect(order == order.sorted(), "\(steps)")
        for (earlier, later) in zip(order, order.dropFirst()) {
            let isWaitedFor = steps[earlier..<later].contains { $0.isSync }
            #expect(isWaitedFor, "no sync between \(steps[earlier]) and \(steps[later])")
        }
        // The last name is waited for too.
        #expect(steps.last.map { $0.isSync } == true)
    }

    // MARK: What a killed process has named, and nobody has waited for

    @Test func `A memory that is there already is waited for before anything is signed by it`() async throws {
        let registry = try await ScratchRegistry.established()
        try await registry.add("A-1")
        let origin = try OpenedLedger.open(registry: registry.registry, keys: registry.keys).constitution.log.origin
        for signer in [SignerState.Signer.log, .witness(ScratchRegistry.kz)] {
            var state = try SignerState(registry.keys, signer: signer)
            let head = try state.head(origin: origin)
            let recorder = DiskRecorder()
            try DiskRecorder.$current.withValue(recorder) { try state.remember(head, origin: origin) }
            #expect(recorder.steps == [.synced(registry.keys.fullPath("private"))])
        }
    }

    @Test func `The folder of new keys is waited for, whoever has made it`() throws {
        let scratch = ScratchFolder()
        let keys = KeysFolder(path: scratch.file("keys"))
        for _ in 0..<2 {
            let recorder = DiskRecorder()
            try DiskRecorder.$current.withValue(recorder) { try keys.makePrivateFolder() }
            #expect(recorder.steps.last == .synced(keys.path))
        }
    }
}
