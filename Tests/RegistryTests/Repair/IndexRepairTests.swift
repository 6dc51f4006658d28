import Foundation
import Registry
import Support
import Testing
import TiledLog

/// An index is a cache: a repair makes it anew where it does not fit the ledger.
@Suite struct IndexRepairTests {
    private static let mended = RepairReport.Mended(path: RegistryFolder.indexName, from: .ledger)

    private static func registry() async throws -> ScratchRegistry {
        let registry = try await ScratchRegistry.established()
        for id in ["A-1", "A-2"] { try await registry.add(id) }
        try await IndexDesk(registry).expectSameAnswers()
        return registry
    }

    private func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

    private func repair(_ registry: ScratchRegistry) async throws -> RepairReport {
        try await IndexUse.$smallestSize.withValue(1) {
            try await RegistryRepair(registry: registry.registry, keys: registry.keys, from: nil, now: registry.now)
                .run()
        }
    }

    /// What is kept of what was there; nil where nothing is.
    private func kept(_ registry: ScratchRegistry) -> [UInt8]? {
        try? bytes(registry.registry.fullPath("\(RegistryRepair.damagedFolder)/\(RegistryFolder.indexName)"))
    }

    enum Fault: CaseIterable, Sendable {
        /// Its seal holds, and what was added since it does not tell.
        case isBehind
        /// As a backup brings it back.
        case isOlder
        case isDamaged, isEmpty
    }

    @Test(arguments: Fault.allCases)
    func `An index that does not fit the ledger is made anew, and what was there is kept`(fault: Fault) async throws {
        let registry = try await Self.registry()
        let older = try bytes(IndexDesk(registry).path)
        for id in ["A-3", "A-4"] { try await registry.add(id) }
        let desk = IndexDesk(registry)
        var wrong = older
        if fault != .isBehind {
            try await desk.expectSameAnswers()
            switch fault {
            case .isDamaged:
                wrong = try bytes(desk.path)
                for position in wrong.indices where position % 512 < 16 { wrong[position] ^= 0x41 }
            case .isEmpty: wrong = []
            case .isOlder, .isBehind: break
            }
            try Data(wrong).write(to: URL(fileURLWithPath: desk.path))
        }
        let report = try await repair(registry)
        #expect(report.verdict == .passed && report.mended == [Self.mended], "\(report.mended) \(report.findings)")
        #expect(kept(registry) == wrong)
        // It is whole when the repair is done: looks find nothing to make.
        let file = try #require(FileIdentity(ofOwn: desk.path))
        try await desk.expectSameAnswers()
        #expect(FileIdentity(ofOwn: desk.path) == file)
    }

    @Test func `One that fits is left as it is, and where there is none, none is made`() async throws {
        let registry = try await Self.registry()
        let desk = IndexDesk(registry)
        let file = try #require(FileIdentity(ofOwn: desk.path))
        var report = try await repair(registry)
        #expect(report.verdict == .passed && report.mended.isEmpty)
        #expect(FileIdentity(ofOwn: desk.path) == file && kept(registry) == nil)
        try FileManager.default.removeItem(atPath: desk.path)
        report = try await repair(registry)
        #expect(report.mended.isEmpty && Files.kind(desk.path) == nil)
    }
}
