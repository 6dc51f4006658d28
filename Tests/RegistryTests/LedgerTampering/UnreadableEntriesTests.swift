import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// What cannot be read, or was never there, makes nothing else look wrong: an operator might remove what is sound.
@Suite(.hangLimit) struct UnreadableEntriesTests {
    private static let bundle = "ledger/tile/entries/000.p/10"
    private static let tile = "ledger/tile/0/000.p/10"

    enum Loss: CaseIterable, Sendable {
        case bundleMissing, bundleMalformed, entryDamaged, bundleAndTileMissing

        func inflict(_ copy: RegistryCopy) throws {
            let bytes = try copy.bytes(bundle)
            switch self {
            case .bundleMissing: try copy.remove(bundle)
            case .bundleMalformed: try copy.put(bundle, Array(bytes.dropLast()))
            case .entryDamaged:
                // Of entry 5, so that later checkpoints and what names them come after it.
                var entries = try EntryBundle(parsing: bytes, width: 10).entries.map { Array($0) }
                entries[5][entries[5].count / 2] ^= 1
                try copy.put(bundle, try EntryBundle(entries.map { $0[...] }).bytes)
            case .bundleAndTileMissing:
                try copy.remove(bundle)
                try copy.remove(tile)
            }
        }
    }

    @Test(arguments: Loss.allCases)
    func `Only the files that are damaged are named`(loss: Loss) async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3, 4]))
        try loss.inflict(copy)
        let report = try await copy.audit()
        #expect(report.verdict == .failed)
        let named = Set(report.faults.compactMap(\.path))
        #expect(
            named == (loss == .bundleAndTileMissing ? [Self.bundle, Self.tile] : [Self.bundle]), "\(report.faults)")
        #expect(report.faults.allSatisfy { ($0.entry ?? 5) == 5 }, "\(report.faults)")
        // Without entry 0 nothing more is looked at.
        guard loss != .bundleMalformed else { return }
        // What can be told is told all the same.
        try copy.put("stranger", [])
        try copy.put("documents/stranger", [])
        let names = ["ledger/tile/entries/000.p/6", "ledger/tile/0/000.p/6"]
        for name in names {
            var bytes = try copy.bytes(name)
            bytes[bytes.count - 1] ^= 1
            try copy.put(name, bytes)
        }
        let more = try await copy.audit()
        for name in ["stranger", "documents/stranger"] { #expect(more.names(path: name)) }
        for name in names where loss != .bundleAndTileMissing { #expect(more.names(path: name), "\(name)") }
    }

    @Test(arguments: [11, 300, 100_000, Int64.max])
    func `A pending tree that nobody has is the one thing that is wrong`(size: Int64) async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3, 4]))
        let head = TreeHead(size: size, root: MerkleTree.leafHash([1]))
        try copy.put("state/pending", copy.note(head, witnesses: []))
        let report = try await copy.audit()
        #expect(report.verdict == .failed)
        #expect(report.faults.map(\.key) == ["ledger.pending.mismatch"], "\(report.faults)")
        #expect(report.entries == 10)
    }

    /// Of four entries, the last of them pending.
    private func pending() async throws -> RegistryCopy {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2]))
        try FileManager.default.removeItem(atPath: copy.scratch.file("keys/private/UZ-witness.pem"))
        _ = try await copy.add(["B-1"])
        return copy
    }

    @Test func `What a pending tree needs is no stranger when it cannot be followed`() async throws {
        let unsigned = try await pending()
        let lost = try RegistryCopy(of: unsigned.scratch.path, now: unsigned.now)
        #expect(try await lost.audit().faults.map(\.key) == ["ledger.pending"])
        for name in ["ledger/tile/0/000.p/4", "ledger/tile/entries/000.p/4"] {
            var bytes = try lost.bytes(name)
            bytes[bytes.count - 1] ^= 1
            try lost.put(name, bytes)
        }
        #expect(try await lost.audit().faults.map(\.key) == ["ledger.pending.mismatch"])
        try unsigned.put("state/pending", Array(try unsigned.bytes("state/pending").dropLast(9)))
        let faults = try await unsigned.audit().faults
        #expect(faults.count == 1 && faults.allSatisfy { $0.path == "state/pending" }, "\(faults)")
    }

    @Test func `A sound pending tree with a damaged tile is followed by its entries`() async throws {
        let copy = try await pending()
        try copy.put("ledger/tile/0/000.p/4", Array(try copy.bytes("ledger/tile/0/000.p/4").reversed()))
        let report = try await copy.audit()
        #expect(Set(report.faults.map(\.key)) == ["ledger.pending", "ledger.tile.mismatch"])
        #expect(report.entries == 4)
    }
}
