import Agreements
import Foundation
import Support
import Testing
import TiledLog

@testable import Registry

/// An audit that goes on from a kept checkpoint by the index, and reads no more of the ledger than it needs.
@Suite struct ContinuedAuditTests {
    private func audit(_ copy: RegistryCopy, since kept: [UInt8], byIndex: Bool) async throws -> AuditReport {
        try await IndexUse.$smallestSize.withValue(byIndex ? 1 : 1_000_000) {
            try await Audit(registry: copy.registry, keys: copy.keys, now: copy.now).run(since: kept)
        }
    }

    @Test func `It says what the whole ledger says, and what it took from the index`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [3, 2, 1]))
        for size in [1, 4, 6, 7] {
            let kept = try copy.bytes("checkpoints/00\(size)")
            let whole = try await audit(copy, since: kept, byIndex: false)
            let continued = try await audit(copy, since: kept, byIndex: true)
            #expect(continued.verdict == .passed, "\(continued.findings)")
            #expect(continued.since??.fromIndex.count == 3 && whole.since??.fromIndex == [])
            #expect(continued.since??.checked == whole.since??.checked)
            #expect(continued.signatures == whole.signatures && continued.entries == whole.entries)
            #expect(continued.agreements == whole.agreements)
            #expect(continued.documents.present == whole.documents.present)
            #expect(continued.treeSize == whole.treeSize && continued.root == whole.root)
        }
    }

    @Test func `What is wrong with a new entry's document or bundle is found`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 1])
        let copy = try RegistryCopy(of: registry)
        let kept = try copy.bytes("checkpoints/003")
        #expect(try await audit(copy, since: kept, byIndex: true).verdict == .passed)
        // Of the entry that is new, and of one before it.
        for (id, faults) in [("A-2", ["document.mismatch"]), ("A-1", [])] {
            let name = RegistryFolder.documentName(ContentDigest.of(Array("The text of \(id).\n".utf8)))
            let bytes = try copy.bytes(name)
            try copy.put(name, Array("something else".utf8))
            let whole = try await audit(copy, since: kept, byIndex: false)
            let continued = try await audit(copy, since: kept, byIndex: true)
            #expect(continued.faults.map(\.key) == faults && whole.faults.map(\.key) == faults, "\(id)")
            try copy.put(name, bytes)
        }
        let bundle = "ledger/tile/entries/000.p/4"
        var damaged = try copy.bytes(bundle)
        damaged[damaged.count - 1] ^= 1
        try copy.put(bundle, damaged)
        // The index names an entry that is not the tree's: then the whole ledger is read, and tells.
        let report = try await audit(copy, since: kept, byIndex: true)
        #expect(report.verdict == .failed && report.since??.fromIndex == [])
        #expect(report.faults.map(\.key).contains("entry.mismatch"))
    }

    @Test func `A crafted index is not gone by`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 1])
        let copy = try RegistryCopy(of: registry)
        let kept = try copy.bytes("checkpoints/003")
        #expect(try await audit(copy, since: kept, byIndex: true).since??.fromIndex.isEmpty == false)
        // Another one under its name: this user's seal is not of it, so that it is made anew, with the same answer.
        let path = try #require(
            FileManager.default.subpathsOfDirectory(atPath: copy.path("state")).first { $0.hasPrefix("index") })
        let bytes = try Data(contentsOf: URL(fileURLWithPath: copy.path("state/\(path)")))
        try Data(bytes.reversed()).write(to: URL(fileURLWithPath: copy.path("state/\(path)")))
        #expect(try await audit(copy, since: kept, byIndex: true).verdict == .passed)
    }
}
