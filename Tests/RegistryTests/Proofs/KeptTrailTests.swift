import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// A trail held against a checkpoint that somebody kept: with a registry at hand, and with nothing but keys/.
@Suite struct KeptTrailTests {
    private static let contents = "trail.contents.unproved"

    private static func registry() async throws -> ScratchRegistry {
        try await ScratchRegistry.filled(batches: [1, 2, 1])
    }

    private static func trail(_ registry: ScratchRegistry, _ agreement: String? = nil) async throws -> [String: Any] {
        let id = agreement.flatMap { AgreementID($0) }
        let reading = try await RegistryReading.read(
            registry: registry.registry, keys: registry.keys, selection: id.map { .agreements([$0]) } ?? .all,
            now: registry.now)
        let data = try JSONEncoder().encode(Trail(reading, agreement: id))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// - Parameter offline: whether there is no registry.
    private static func verify(
        _ trail: [String: Any], kept: [UInt8], _ registry: ScratchRegistry, offline: Bool = true
    ) async throws -> VerificationReport {
        let bytes = try JSONSerialization.data(withJSONObject: trail, options: .sortedKeys)
        try registry.scratch.write(Array(bytes), to: "trail.json")
        let folder = offline ? RegistryFolder(path: registry.scratch.file("nowhere")) : registry.registry
        return try await Verification(registry: folder, keys: registry.keys, now: registry.now)
            .verify([registry.scratch.file("trail.json")], kept: kept)
    }

    private static func checkpoint(_ registry: ScratchRegistry, _ size: Int64) throws -> [UInt8] {
        try RegistryCopy(of: registry).bytes(#require(CheckpointPath(size: size)).path)
    }

    private static func rows(_ trail: [String: Any]) throws -> [[String: Any]] {
        try #require(trail["rows"] as? [[String: Any]])
    }

    /// Rows, with the counts and, if it is given, the size that go with them.
    private static func with(_ rows: [[String: Any]], _ trail: [String: Any]) -> [String: Any] {
        var changed = trail
        changed["rows"] = rows
        changed["counts"] = ["rows": rows.count, "passed": rows.count, "indeterminate": 0, "failed": 0]
        return changed
    }

    @Test func `With keys alone the leaf hashes of a trail of all are proved, and what rows say of them is not`()
        async throws
    {
        let registry = try await Self.registry()
        let trail = try await Self.trail(registry)
        let report = try await Self.verify(trail, kept: Self.checkpoint(registry, 5), registry)
        #expect(report.verdict == .indeterminate)
        #expect(report.keys == [Self.contents], "\(report.targets.flatMap(\.findings))")
        #expect(report.treeSize == 5)
        #expect(report.demonstration == nil)
        // A changed title is not seen: it is what the finding says.
        var rows = try Self.rows(trail)
        rows[1]["title"] = ["en": "Another"]
        #expect(
            try await Self.verify(Self.with(rows, trail), kept: Self.checkpoint(registry, 5), registry).keys == [
                Self.contents
            ])
    }

    @Test func `An earlier and a later checkpoint prove less, and say how much`() async throws {
        let registry = try await Self.registry()
        let trail = try await Self.trail(registry)
        for (size, key) in [(1, "trail.rows.unproved"), (2, "trail.rows.unproved"), (4, "trail.rows.unproved")] {
            let report = try await Self.verify(trail, kept: Self.checkpoint(registry, Int64(size)), registry)
            #expect(report.verdict == .indeterminate)
            #expect(report.keys == [key, Self.contents], "\(size)")
        }
        try await registry.addBatch(["Z-1"])
        let report = try await Self.verify(trail, kept: Self.checkpoint(registry, 6), registry)
        #expect(report.verdict == .indeterminate)
        #expect(report.keys == ["trail.checkpoint.unproved", Self.contents])
        // The same with the registry: it passes, and says that the trail has an end.
        let held = try await Self.verify(trail, kept: Self.checkpoint(registry, 6), registry, offline: false)
        #expect(held.verdict == .passed)
        #expect(held.targets.flatMap(\.findings).map(\.key) == ["trail.checkpoint.earlier"])
        for size: Int64 in [2, 5] {
            let held = try await Self.verify(trail, kept: Self.checkpoint(registry, size), registry, offline: false)
            #expect(held.verdict == .passed)
            #expect(held.keys == [])
        }
    }

    @Test func `Of one agreement, keys alone show neither that its rows are there nor that they are all`() async throws
    {
        let registry = try await Self.registry()
        let trail = try await Self.trail(registry, "A-1")
        let report = try await Self.verify(trail, kept: Self.checkpoint(registry, 5), registry)
        #expect(report.verdict == .indeterminate)
        #expect(report.keys == ["trail.rows.unproved", Self.contents])
        let held = try await Self.verify(trail, kept: Self.checkpoint(registry, 5), registry, offline: false)
        #expect(held.verdict == .passed)
        // Another root at that size, and another agreement's row.
        var changed = trail
        changed["checkpoint"] = ["size": 5, "root": String(repeating: "0", count: 64)]
        #expect(
            try await Self.verify(changed, kept: Self.checkpoint(registry, 5), registry).keys.contains(
                "trail.checkpoint.mismatch"))
        // A size that no tree has.
        for size: Int64 in [-1, .min] {
            changed["checkpoint"] = ["size": size, "root": String(repeating: "0", count: 64)]
            #expect(
                try await Self.verify(changed, kept: Self.checkpoint(registry, 5), registry).keys == [
                    "trail.malformed"
                ])
        }
        changed = trail
        changed["filter"] = ["agreement": "A-2"]
        #expect(
            try await Self.verify(changed, kept: Self.checkpoint(registry, 5), registry).keys.contains(
                "trail.row.unexpected"))
    }

    @Test func `Rows changed, dropped, doubled, reordered, or cut off never pass`() async throws {
        let registry = try await Self.registry()
        let trail = try await Self.trail(registry)
        let rows = try Self.rows(trail)
        let kept = try Self.checkpoint(registry, 5)
        func changed(_ change: (inout [[String: Any]]) -> Void) -> [[String: Any]] {
            var other = rows
            change(&other)
            return other
        }
        let otherHash = "sha256:" + String(repeating: "ab", count: 32)
        for (name, other, key) in [
            ("leaf hash", changed { $0[2]["leafHash"] = otherHash }, "trail.checkpoint.mismatch"),
            (
                "swapped hashes",
                changed { ($0[1]["leafHash"], $0[2]["leafHash"]) = ($0[2]["leafHash"], $0[1]["leafHash"]) },
                "trail.checkpoint.mismatch"
            ),
            ("index", changed { $0[2]["index"] = 9 }, "trail.row.unexpected"),
            ("dropped", changed { $0.remove(at: 1) }, "trail.row.missing"),
            ("first", changed { $0.removeFirst() }, "trail.row.missing"),
            ("doubled", changed { $0.insert($0[1], at: 1) }, "trail.row.repeated"),
            ("reordered", changed { $0.swapAt(1, 2) }, "trail.row.order"),
            ("tail cut", changed { $0.removeLast() }, "trail.row.missing"),
            ("verdict", changed { $0[2]["verdict"] = "failed" }, "trail.verdict"),
            ("none", changed { $0 = [] }, "trail.empty"),
        ] as [(String, [[String: Any]], String)] {
            let report = try await Self.verify(Self.with(other, trail), kept: kept, registry)
            #expect(report.verdict == .failed, "\(name)")
            #expect(report.keys.contains(key), "\(name): \(report.keys)")
        }
        // Dropped and numbered anew, with checkpoint and counts to match: the root tells.
        var anew = changed { $0.remove(at: 2) }
        for position in anew.indices { anew[position]["index"] = position }
        var other = Self.with(anew, trail)
        other["checkpoint"] = ["size": 4, "root": (trail["checkpoint"] as? [String: Any])?["root"] ?? ""]
        #expect(try await Self.verify(other, kept: kept, registry).keys.contains("trail.checkpoint.mismatch"))
        // With a root of its own it is another tree, of which a later checkpoint says nothing.
        other["checkpoint"] = ["size": 4, "root": try ReferenceRoot.of(anew)]
        let report = try await Self.verify(other, kept: kept, registry)
        #expect(report.verdict == .indeterminate)
        #expect(report.keys == ["trail.checkpoint.unproved", Self.contents])
        // And one of that size contradicts it.
        #expect(
            try await Self.verify(other, kept: Self.checkpoint(registry, 4), registry).keys == [
                "trail.checkpoint.mismatch", Self.contents,
            ])
        // Another entry under a root of its own: every checkpoint that has the entry contradicts it.
        let forged = changed { $0[2]["leafHash"] = otherHash }
        other = Self.with(forged, trail)
        other["checkpoint"] = ["size": 5, "root": try ReferenceRoot.of(forged)]
        for size: Int64 in [4, 5] {
            let report = try await Self.verify(other, kept: Self.checkpoint(registry, size), registry)
            #expect(report.verdict == .failed)
            #expect(report.keys.contains("trail.checkpoint.mismatch"), "\(size): \(report.keys)")
        }
        #expect(
            try await Self.verify(other, kept: Self.checkpoint(registry, 2), registry).keys == [
                "trail.rows.unproved", Self.contents,
            ])
        // A tail truly cut at an earlier checkpoint.
        other = Self.with(changed { $0.removeLast() }, trail)
        other["checkpoint"] = ["size": 4, "root": try ReferenceRoot.of(rows.dropLast())]
        #expect(
            try await Self.verify(other, kept: kept, registry).keys == ["trail.checkpoint.unproved", Self.contents])
        #expect(try await Self.verify(other, kept: Self.checkpoint(registry, 4), registry).keys == [Self.contents])
    }

    @Test func `The form of every member of a row is looked at`() async throws {
        let registry = try await Self.registry()
        let trail = try await Self.trail(registry)
        let rows = try Self.rows(trail)
        let kept = try Self.checkpoint(registry, 5)
        for member in rows[1].keys.sorted() {
            for value in [7.5, ["x": 7], nil] as [Any?] {
                var other = rows
                other[1][member] = value
                let report = try await Self.verify(Self.with(other, trail), kept: kept, registry)
                #expect(report.verdict == .failed, "\(member)")
                #expect(report.keys.contains("trail.malformed"), "\(member): \(report.keys)")
            }
        }
        for (member, value, key) in [
            ("counts", ["rows": 5, "passed": 4, "indeterminate": 1, "failed": 0], "trail.counts.mismatch"),
            (
                "registry",
                [
                    "origin": "test.example/other",
                    "identity": (trail["registry"] as? [String: Any])?["identity"] ?? "", "demonstration": false,
                ], "trail.registry.mismatch"
            ),
            (
                "registry",
                [
                    "origin": "test.example/registry", "identity": "sha256:" + String(repeating: "0", count: 64),
                    "demonstration": false,
                ], "trail.registry.mismatch"
            ),
            ("registry", ["origin": "test.example/registry"], "trail.malformed"),
            ("findings", NSNull(), "trail.malformed"), ("more", 1, "trail.malformed"),
            ("schemaVersion", 2, "trail.version.unknown"),
        ] as [(String, Any, String)] {
            var other = trail
            other[member] = value
            let report = try await Self.verify(other, kept: kept, registry)
            #expect(report.keys.contains(key), "\(member): \(report.keys)")
            #expect(report.verdict == (member == "schemaVersion" ? .indeterminate : .failed))
        }
    }

    @Test func `A checkpoint that nobody vouches for is told apart`() async throws {
        let registry = try await Self.registry()
        let copy = try RegistryCopy(of: registry)
        let trail = try await Self.trail(registry)
        let head = try OpenedLedger.open(registry: copy.registry, keys: copy.keys).publishedHead
        let stranger = try RegistryCopy(of: await Self.registry())
        for (kept, key) in [
            (try copy.note(head, origin: "test.example/another"), "since.origin"),
            (try stranger.bytes("ledger/checkpoint"), "since.signature"),
            (try copy.note(head, log: false), "since.signature"),
            (try copy.note(head, witnesses: ["KZ"]), "since.quorum"),
            (try copy.note(.init(size: 5, root: MerkleTree.leafHash([9]))), "trail.checkpoint.mismatch"),
            ([], "since.malformed"),
        ] as [([UInt8], String)] {
            let report = try await Self.verify(trail, kept: kept, registry)
            #expect(report.verdict == .failed)
            #expect(report.keys.contains(key), "\(report.keys)")
            // With the registry at hand no less.
            let held = try await Self.verify(trail, kept: kept, registry, offline: false)
            #expect(held.verdict == .failed)
            #expect(held.keys.contains(key == "trail.checkpoint.mismatch" ? "since.forked" : key), "\(held.keys)")
        }
        // What is not pinned is not known.
        let kept = try copy.bytes("ledger/checkpoint")
        for (name, key) in [("identity", "identity.unpinned"), ("policy", "keys.policy.missing")] {
            let path = registry.keys.fullPath(name)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try FileManager.default.removeItem(atPath: path)
            let report = try await Self.verify(trail, kept: kept, registry)
            #expect(report.verdict == .indeterminate)
            #expect(report.keys.contains(key))
            try bytes.write(to: URL(fileURLWithPath: path))
        }
    }

    @Test func `A ledger that is behind the kept checkpoint, and one that is named and absent, are told`() async throws
    {
        let registry = try await Self.registry()
        let trail = try await Self.trail(registry)
        let older = try RegistryCopy(of: registry)
        try await registry.addBatch(["Z-1"])
        let kept = try Self.checkpoint(registry, 6)
        try registry.scratch.write(
            Array(JSONSerialization.data(withJSONObject: trail, options: .sortedKeys)), to: "trail.json")
        let report = try await Verification(registry: older.registry, keys: older.keys, now: older.now)
            .verify([registry.scratch.file("trail.json")], kept: kept)
        #expect(report.keys == ["since.shrunk"])
        let nowhere = RegistryFolder(path: registry.scratch.file("nowhere"))
        #expect(
            await refusal {
                _ = try await Verification(
                    registry: nowhere, keys: registry.keys, now: registry.now, isRegistryOptional: false
                ).verify([registry.scratch.file("trail.json")], kept: kept)
            } == .unavailable)
        // It is for trails, and for nothing else.
        #expect(
            await refusal {
                _ = try await Verification(registry: older.registry, keys: older.keys, now: older.now)
                    .verify(["A-1"], kept: kept)
            } == .usage)
    }
}

/// MTH of RFC 6962, 2.1, from leaf hashes: shares nothing with ours but SHA-256.
private enum ReferenceRoot {
    static func of(_ rows: [[String: Any]]) throws -> String {
        let hashes = try rows.map { row in
            let text = try #require(row["leafHash"] as? String)
            let hash = try #require(ContentDigest(text: text))
            return hash.bytes
        }
        return try String(#require(ContentDigest(bytes: of(hashes[...]))).text.dropFirst("sha256:".count))
    }

    private static func of(_ nodes: ArraySlice<[UInt8]>) -> [UInt8] {
        guard nodes.count > 1 else { return nodes.first ?? ContentDigest.of([]).bytes }
        var split = 1
        while split * 2 < nodes.count { split *= 2 }
        let middle = nodes.startIndex + split
        return ContentDigest.of([1] + of(nodes[..<middle]) + of(nodes[middle...])).bytes
    }
}
