import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog

/// A trail that somebody hands over, held against the ledger.
@Suite struct TrailTests {
    /// Three agreements, of which the first has a consent of each party, over several checkpoints.
    private static func registry() async throws -> ScratchRegistry {
        let registry = try await ScratchRegistry.filled(batches: [1, 2])
        for party in ["KZ", "UZ"] { try await registry.consent("A-0", party) }
        return registry
    }

    /// A trail as a value to be changed, as its bytes are written by `bitim export`.
    private static func trail(_ registry: ScratchRegistry, _ agreement: String? = nil) async throws -> [String: Any] {
        let id = agreement.flatMap { AgreementID($0) }
        let reading = try await RegistryReading.read(
            registry: registry.registry, keys: registry.keys, selection: id.map { .agreements([$0]) } ?? .all,
            now: registry.now)
        let data = try JSONEncoder().encode(Trail(reading, agreement: id))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private static func verify(_ trail: [String: Any], in registry: ScratchRegistry) async throws -> VerificationReport
    {
        try await verify(JSONSerialization.data(withJSONObject: trail, options: .sortedKeys), in: registry)
    }

    private static func verify(_ bytes: Data, in registry: ScratchRegistry) async throws -> VerificationReport {
        try registry.scratch.write(Array(bytes), to: "trail.json")
        return try await Verification(registry: registry.registry, keys: registry.keys, now: registry.now)
            .verify([registry.scratch.file("trail.json")])
    }

    private static func rows(_ trail: [String: Any]) throws -> [[String: Any]] {
        try #require(trail["rows"] as? [[String: Any]])
    }

    /// With other rows, and the counts that go with them.
    private static func with(_ rows: [[String: Any]], _ trail: [String: Any]) -> [String: Any] {
        var changed = trail
        changed["rows"] = rows
        changed["counts"] = ["rows": rows.count, "passed": rows.count, "indeterminate": 0, "failed": 0]
        return changed
    }

    @Test func `A trail passes, however it is formatted, and after the ledger has grown`() async throws {
        let registry = try await Self.registry()
        var trails = [try await Self.trail(registry)]
        for agreement in ["A-0", "A-1"] { trails.append(try await Self.trail(registry, agreement)) }
        for round in 0..<2 {
            for trail in trails {
                for options in [JSONSerialization.WritingOptions.sortedKeys, .prettyPrinted] {
                    let report = try await Self.verify(
                        JSONSerialization.data(withJSONObject: trail, options: options), in: registry)
                    #expect(report.verdict == .passed, "\(report.targets.flatMap(\.findings))")
                    #expect(report.targets.map(\.kind) == ["trail"])
                }
            }
            // What comes later is no part of it.
            if round == 0 {
                try await registry.addBatch(["B-1"])
                try await registry.note("A-0", "KZ")
            }
        }
    }

    enum Fault: CaseIterable {
        case dropped, droppedFirst, tailCut, doubled, doubledLater, reordered, foreign

        func apply(_ rows: [[String: Any]]) -> [[String: Any]] {
            var rows = rows
            switch self {
            case .dropped: rows.remove(at: 1)
            case .droppedFirst: rows.removeFirst()
            case .tailCut: rows.removeLast()
            case .doubled: rows.insert(rows[1], at: 1)
            case .doubledLater: rows.append(rows[0])
            case .reordered: rows.swapAt(0, 1)
            case .foreign:
                rows[1]["index"] = 77
            }
            return rows
        }

        var keys: Set<String> {
            switch self {
            case .dropped, .droppedFirst, .tailCut: ["trail.row.missing"]
            case .doubled, .doubledLater: ["trail.row.repeated"]
            case .reordered: ["trail.row.order"]
            case .foreign: ["trail.row.unexpected", "trail.row.missing"]
            }
        }
    }

    @Test func `A trail with rows dropped, doubled or reordered fails, of one agreement and of all`() async throws {
        let registry = try await Self.registry()
        var faulty: [[String: Any]] = []
        for agreement in [nil, "A-0"] {
            let trail = try await Self.trail(registry, agreement)
            let rows = try Self.rows(trail)
            for fault in Fault.allCases {
                // With the counts made to agree it is the rows alone that tell.
                let report = try await Self.verify(Self.with(fault.apply(rows), trail), in: registry)
                #expect(report.verdict == .failed)
                #expect(Set(report.keys).subtracting(["trail.counts.mismatch"]) == fault.keys, "\(fault)")
                var plain = trail
                plain["rows"] = fault.apply(rows)
                #expect(Set(try await Self.verify(plain, in: registry).keys) == fault.keys, "\(fault)")
                faulty.append(plain)
            }
        }
        // Still after the ledger has grown.
        try await registry.addBatch(["B-1"])
        for trail in faulty { #expect(try await Self.verify(trail, in: registry).verdict == .failed) }
    }

    @Test func `Each member of each row is compared, of one agreement and of all`() async throws {
        let registry = try await Self.registry()
        for agreement in [nil, "A-0"] {
            let trail = try await Self.trail(registry, agreement)
            let rows = try Self.rows(trail)
            for member in rows[0].keys.sorted() where member != "index" {
                for value in [NSNull(), "x", ["x"]] as [Any] {
                    var other = trail
                    // In all rows at once: each has to be told of.
                    other["rows"] = rows.map { $0.merging([member: value]) { $1 } }
                    let expected = rows.indices.filter { rows[$0][member] as? NSObject != value as? NSObject }
                    let report = try await Self.verify(other, in: registry)
                    guard !expected.isEmpty else { continue }
                    #expect(report.verdict == .failed)
                    let findings = report.targets.flatMap(\.findings)
                    #expect(findings.allSatisfy { $0.key == "trail.row.changed" })
                    #expect(findings.map(\.path) == expected.map { "rows[\($0)].\(member)" })
                    #expect(findings.map(\.entry) == expected.map { (rows[$0]["index"] as? NSNumber)?.int64Value })
                }
            }
            // And one alone.
            var one = rows
            one[1]["provedNotAfter"] = "2020-01-01T00:00:00Z"
            var other = trail
            other["rows"] = one
            #expect(try await Self.verify(other, in: registry).keys == ["trail.row.changed"])
        }
    }

    @Test func `A member that is missing, unknown or twice is refused, and so is another shape`() async throws {
        let registry = try await Self.registry()
        let trail = try await Self.trail(registry, "A-0")
        for (change, key) in [
            ({ $0["rows"] = NSNull() }, "trail.malformed"), ({ $0["rows"] = [7] }, "trail.malformed"),
            ({ $0["more"] = 1 }, "trail.malformed"), ({ $0["findings"] = nil }, "trail.malformed"),
            ({ $0["filter"] = ["agreement": 7] }, "trail.malformed"),
            ({ $0["filter"] = ["agreement": "A-0", "party": "KZ"] }, "trail.malformed"),
            ({ $0["checkpoint"] = ["size": "6", "root": ""] }, "trail.malformed"),
            ({ $0["schemaVersion"] = 2 }, "trail.version.unknown"),
            ({ $0["counts"] = ["rows": 3] }, "trail.counts.mismatch"),
            ({ $0["registry"] = ["origin": "x"] }, "trail.registry.mismatch"),
        ] as [((inout [String: Any]) -> Void, String)] {
            var changed = trail
            change(&changed)
            let report = try await Self.verify(changed, in: registry)
            #expect(report.verdict == (key == "trail.version.unknown" ? .indeterminate : .failed))
            #expect(report.keys.contains(key), "\(report.keys)")
        }
        let text = String(
            decoding: try JSONSerialization.data(withJSONObject: trail, options: .sortedKeys), as: UTF8.self)
        for (part, replacement) in [
            ("\"format\":", "\"format\":\"bitim-audit-trail\",\"format\":"),
            ("\"verdict\":", "\"verdict\":\"passed\",\"verdict\":"),
            ("\"index\":1", "\"index\":1.0"), ("\"index\":1", "\"index\":01"), ("{", "{,"),
            ("\"rows\":[", "\"rows\":[,"),
            ("\"passed\"", "\"\\ud800\""),
        ] {
            let changed = text.replacing(part, with: replacement, maxReplacements: 1)
            #expect(changed != text)
            let report = try await Self.verify(Data(changed.utf8), in: registry)
            #expect(report.verdict == .failed)
            #expect(report.keys == ["trail.malformed"], "\(part): \(report.keys)")
        }
    }

    @Test func `Another filter, checkpoint or registry is found out`() async throws {
        let registry = try await Self.registry()
        let all = try await Self.trail(registry)
        let one = try await Self.trail(registry, "A-0")
        let other = try await Self.trail(registry, "A-1")
        // One agreement's rows as all of them, and another's.
        var changed = one
        changed["filter"] = ["agreement": NSNull()]
        #expect(
            Set(try await Self.verify(changed, in: registry).keys) == ["trail.counts.mismatch", "trail.row.missing"])
        changed["filter"] = other["filter"]
        #expect(
            Set(try await Self.verify(changed, in: registry).keys).isSuperset(of: [
                "trail.row.missing", "trail.row.unexpected",
            ]))
        // A later or an earlier checkpoint than the rows are of.
        let checkpoint = try #require(all["checkpoint"] as? [String: Any])
        let root = try #require(checkpoint["root"] as? String)
        for (size, given, key) in [
            (7, root, "trail.checkpoint.ahead"), (3, root, "trail.checkpoint.unknown"),
            (6, String(root.reversed()), "trail.checkpoint.mismatch"),
            (2, root, "trail.checkpoint.mismatch"), (0, root, "trail.checkpoint.unknown"),
            (-1, root, "trail.malformed"),
        ] as [(Int, String, String)] {
            changed = all
            changed["checkpoint"] = ["size": size, "root": given]
            let report = try await Self.verify(changed, in: registry)
            #expect(report.verdict == .failed)
            #expect(report.keys.contains(key), "\(size): \(report.keys)")
        }
        let stranger = try await Self.registry()
        let report = try await Self.verify(all, in: stranger)
        #expect(report.verdict == .failed)
        #expect(
            Set(report.keys).isSuperset(of: ["trail.registry.mismatch", "trail.checkpoint.mismatch"])
                || report.keys.contains("trail.row.changed"))
    }

    @Test func `A certificate that was erased since leaves its row open`() async throws {
        let registry = try await Self.registry()
        let trail = try await Self.trail(registry, "A-1")
        let signer = try registry.signer("UZ").certificate
        let name = RegistryFolder.certificateName(ContentDigest.of(signer.derBytes))
        try FileManager.default.removeItem(atPath: registry.registry.fullPath(name))
        let report = try await Self.verify(trail, in: registry)
        #expect(report.verdict == .indeterminate, "\(report.targets.flatMap(\.findings))")
        // What is known without it still has to agree.
        var rows = try Self.rows(trail)
        var signers = try #require(rows[0]["signers"] as? [[String: Any]])
        signers[0]["claimedTime"] = "2020-01-01T00:00:00Z"
        rows[0]["signers"] = signers
        var changed = trail
        changed["rows"] = rows
        #expect(try await Self.verify(changed, in: registry).verdict == .failed)
    }

    @Test func `A trail that tells truly of a bad entry is no pass`() async throws {
        let registry = try await Self.registry()
        let leaf = try await registry.leaf(
            content: registry.patientStatement("X-1").canonicalBytes, signers: [registry.signer("KZ")])
        try await registry.putByHand([leaf])
        let report = try await Self.verify(try await Self.trail(registry), in: registry)
        #expect(report.verdict == .failed)
        #expect(report.keys == ["trail.verdict"])
    }

    @Test func `A bad entry that all parties have voided stands in no trail's way, and its row says so`() async throws {
        let registry = try await Self.registry()
        let leaf = try await registry.leaf(
            content: registry.patientStatement("X-1").canonicalBytes, signers: [registry.signer("KZ")])
        try await registry.putByHand([leaf])
        let before = try await Self.trail(registry)
        let registrar = try await registry.registrar()
        for entry: Int64 in [6, 3] {
            let leafHash = try #require(registrar.state.leafHash(of: entry))
            let event = Event.registryVoided(.init(entry: entry, leafHash: leafHash, reason: "a test"))
            _ = try registrar.sign(registrar.statement(of: event, agreement: nil), documents: [:])
        }
        _ = try await registrar.commit()
        #expect(try await registry.audit().verdict == .passed)
        let reading = try await RegistryReading.read(
            registry: registry.registry, keys: registry.keys, selection: .all, now: registry.now)
        let made = Trail(reading, agreement: nil)
        #expect(made.verdict == .passed)
        #expect(made.counts.failed == 1)
        let trail = try await Self.trail(registry)
        let rows = try Self.rows(trail)
        #expect(rows.map { $0["verdict"] as? String }.enumerated().filter { $1 != "passed" }.map(\.offset) == [6])
        #expect(rows[6]["findings"] as? [String] == ["entry.signers.missing", "entry.voided"])
        #expect(rows[3]["findings"] as? [String] == ["entry.voided"])
        #expect(rows[7]["findings"] as? [String] == [])
        let report = try await Self.verify(trail, in: registry)
        #expect(report.verdict == .passed, "\(report.targets.flatMap(\.findings))")
        let findings = report.targets.flatMap(\.findings)
        #expect(findings.map(\.key) == ["entry.voided", "entry.voided"])
        #expect(findings.map(\.entry) == [3, 6])
        // What the row says of it is compared like the rest of it.
        var hidden = rows
        hidden[3]["findings"] = [String]()
        var other = trail
        other["rows"] = hidden
        #expect(try await Self.verify(other, in: registry).keys == ["trail.row.changed"])
        // As of a checkpoint before, the entry was bad and nothing else.
        #expect(try await Self.verify(before, in: registry).keys == ["trail.verdict"])
    }

    @Test func `A trail of nothing but voided entries is no pass`() async throws {
        let registry = try await Self.registry()
        let registrar = try await registry.registrar()
        let leafHash = try #require(registrar.state.leafHash(of: 3))
        let event = Event.registryVoided(.init(entry: 3, leafHash: leafHash, reason: "a test"))
        _ = try registrar.sign(registrar.statement(of: event, agreement: nil), documents: [:])
        _ = try await registrar.commit()
        let report = try await Self.verify(try await Self.trail(registry, "A-2"), in: registry)
        #expect(report.verdict == .failed)
        #expect(report.keys == ["trail.verdict"])
    }

    @Test func `A trail is told apart from a document that speaks of one`() async throws {
        let registry = try await Self.registry()
        for text in ["{\"about\":\"bitim-audit-trail\"}", "[\"bitim-audit-trail\"]", "{\"format\":\"other\"}", "{"] {
            let report = try await Self.verify(Data(text.utf8), in: registry)
            #expect(report.targets.first?.kind == "document")
        }
        let csv = Data("index,leaf_hash,event,agreement,title\r\n".utf8)
        #expect(await refusal { _ = try await Self.verify(csv, in: registry) } == .usage)
    }
}

extension ScratchRegistry {
    fileprivate func consent(_ id: String, _ party: String) async throws {
        try await record(
            .agreementConsented(.init(party: PartyID(party)!, means: .ratification, documents: [])), id)
    }

    fileprivate func note(_ id: String, _ party: String) async throws {
        try await record(.agreementNoted(.init(party: PartyID(party)!, kind: .declaration, documents: [])), id)
    }

    private func record(_ event: Event, _ id: String) async throws {
        let registrar = try await registrar()
        _ = try registrar.sign(registrar.statement(of: event, agreement: AgreementID(id)!), documents: [:])
        _ = try await registrar.commit()
        advance(by: 10)
    }
}
