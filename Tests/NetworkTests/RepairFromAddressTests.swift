import Foundation
import Support
import Testing

/// A damaged registry repairs itself from the address where a good copy of it is served.
@Suite struct RepairFromAddressTests {
    enum Damage: CaseIterable, Sendable {
        case document, entry, checkpoint, certificate

        /// - Returns: the damaged file, registry-relative.
        func inflict(_ capitals: TwoCapitals) throws -> String {
            let name = try file(in: capitals)
            let url = URL(fileURLWithPath: capitals.scratch.file("damaged/registry/\(name)"))
            guard self == .entry else {
                try FileManager.default.removeItem(at: url)
                return name
            }
            // In the last entry, which no smaller bundle has.
            var bytes = try Data(contentsOf: url)
            bytes[bytes.count - 100] ^= 1
            try FileManager.default.removeItem(at: url)
            try bytes.write(to: url)
            return name
        }

        private func file(in capitals: TwoCapitals) throws -> String {
            func first(_ folder: String) throws -> String {
                "\(folder)/\(try #require(capitals.names(in: "damaged/registry/\(folder)").first))"
            }
            return switch self {
            case .document: try first(first("documents"))
            case .entry: "ledger/tile/entries/000.p/3"
            // Not the latest, which is there twice.
            case .checkpoint: "checkpoints/002"
            case .certificate: try first("certificates")
            }
        }
    }

    /// Two agreements in `op`, which is served, and in `damaged`, which is not damaged yet.
    private static func served() async throws -> TwoCapitals {
        let capitals = try TwoCapitals()
        for party in ["KZ", "UZ"] { try capitals.bringWitnessBack(party) }
        for id in ["A-1", "A-2"] { try #require(try capitals.add(id, "--offline").status == 0) }
        try capitals.copy("op", to: "damaged")
        try await capitals.serve()
        return capitals
    }

    /// But for what is no part of it: the index, locks, what was replaced.
    private static func contents(_ capitals: TwoCapitals) throws -> [String: Data] {
        let registry = capitals.scratch.file("damaged/registry")
        var contents: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: registry) where !name.hasPrefix("state") {
            // A folder has none.
            if let bytes = FileManager.default.contents(atPath: "\(registry)/\(name)") { contents[name] = bytes }
        }
        return contents
    }

    @Test(.hangLimit) func `What is damaged comes back byte for byte from where a good copy is served`() async throws {
        let capitals = try await Self.served()
        let before = try Self.contents(capitals)
        try #require(before.count > 10)
        let whole = try capitals.run("op", "checkpoint").standardOutput
        for damages in Damage.allCases.map({ [$0] }) + [Damage.allCases] {
            let damaged = try damages.map { try $0.inflict(capitals) }
            #expect(try Self.contents(capitals) != before)
            #expect(try capitals.audit("damaged/registry") != "passed", "\(damages)")
            let run = try capitals.bitim("damaged", ["repair", "--from", capitals.url])
            #expect(run.status == 0, "\(damages): \(run.standardOutput)\(run.standardError)")
            #expect(run.standardOutput.hasPrefix("verdict      passed\n"), "\(run.standardOutput)")
            for name in damaged {
                #expect(run.standardOutput.contains("  \(name)  from the copy\n"), "\(name): \(run.standardOutput)")
            }
            #expect(try capitals.audit("damaged/registry") == "passed", "\(damages)")
            #expect(try Self.contents(capitals) == before, "\(damages)")
            #expect(try capitals.run("damaged", "checkpoint").standardOutput == whole)
        }
        // What was there is kept.
        #expect(capitals.isThere("damaged/registry/state/damaged/ledger/tile/entries/000.p/3"))
        try capitals.scratch.write("the next one\n", to: "damaged/next.txt")
        try capitals.run(
            "damaged", "add", "next.txt", "--id", "A-3", "--title", "en=A-3", "--kind", "plan", "--sign", "KZ,UZ",
            "--offline", "--yes")
    }

    @Test(.hangLimit) func `Without the copy the same damage stays, and nobody is told that it is well`() async throws {
        let capitals = try await Self.served()
        for damage in Damage.allCases { _ = try damage.inflict(capitals) }
        let damaged = try Self.contents(capitals)
        capitals.stopServing()
        let unreachable = try capitals.bitim("damaged", ["repair", "--from", capitals.url])
        #expect(unreachable.status == 4, "\(unreachable.standardOutput)\(unreachable.standardError)")
        let alone = try capitals.bitim("damaged", ["repair"])
        #expect(alone.status == 1, "\(alone.standardOutput)\(alone.standardError)")
        #expect(alone.standardOutput.contains("lost         entry 2\n"), "\(alone.standardOutput)")
        #expect(try Self.contents(capitals) == damaged)
    }
}
