import Agreements
import Foundation
import OpenSSLKit
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// What is damaged is made right again, byte for byte, or named as lost.
@Suite(.hangLimit) struct RepairTests {
    enum Damage: CaseIterable, Sendable {
        case removed, flipped, halved, emptied, grown, folder, danglingLink, pipe

        func inflict(_ copy: RegistryCopy, _ name: String) throws {
            var bytes = try copy.bytes(name)
            try copy.remove(name)
            switch self {
            case .removed: break
            case .flipped:
                bytes[bytes.count / 2] ^= 0x10
                try copy.put(name, bytes)
            case .halved: try copy.put(name, Array(bytes.prefix(bytes.count / 2)))
            case .emptied: try copy.put(name, [])
            case .grown: try copy.put(name, bytes + [0x0A])
            case .folder:
                try FileManager.default.createDirectory(atPath: copy.path(name), withIntermediateDirectories: false)
            case .danglingLink:
                try FileManager.default.createSymbolicLink(atPath: copy.path(name), withDestinationPath: "nowhere")
            case .pipe: _ = try CommandRun.run("/usr/bin/mkfifo", [copy.path(name)], folder: "/")
            }
        }
    }

    /// 300 entries: a full tile and bundle, and partial ones.
    private static let large = Task { try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 255, 42])) }

    private static func large() async throws -> RegistryCopy {
        let whole = try await large.value
        return try RegistryCopy(of: whole.scratch.path, now: whole.now)
    }

    private func contents(_ copy: RegistryCopy) throws -> [String: [UInt8]] {
        try copy.checkedFiles().reduce(into: [:]) { $0[$1] = try copy.bytes($1) }
    }

    @Test(arguments: Damage.allCases)
    func `Each tile, and each checkpoint that is there twice, is made again from what else is here`(
        damage: Damage
    ) async throws {
        let copy = try await Self.large()
        let before = try contents(copy)
        let derived = before.keys.filter {
            $0.hasPrefix("ledger/tile/") && !$0.contains("entries") || $0 == "ledger/checkpoint"
                || $0 == "checkpoints/300"
        }.sorted()
        #expect(derived.count >= 5, "\(derived)")
        for name in derived {
            try damage.inflict(copy, name)
            let report = try await copy.repair()
            #expect(report.verdict == .passed, "\(damage) \(name): \(report.findings)")
            #expect(report.mended == [.init(path: name, from: .ledger)], "\(damage) \(name)")
            #expect(try contents(copy) == before, "\(damage) \(name)")
            // What was there is kept, whatever it was.
            if damage != .removed {
                #expect(Files.kind(copy.path("\(RegistryRepair.damagedFolder)/\(name)")) != nil, "\(damage) \(name)")
            }
            try copy.remove(RegistryRepair.damagedFolder)
        }
    }

    @Test(arguments: Damage.allCases)
    func `Each file of a registry is mended from another party's copy`(damage: Damage) async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3, 4])
        let copy = try RegistryCopy(of: registry)
        let before = try contents(copy)
        for name in before.keys.sorted() {
            try damage.inflict(copy, name)
            let report = try await copy.repair(from: registry.registry)
            #expect(report.verdict == .passed, "\(damage) \(name): \(report.findings)")
            #expect(report.mended.map(\.path).contains(name), "\(damage) \(name): \(report.mended)")
            #expect(try contents(copy) == before, "\(damage) \(name)")
            try copy.remove(RegistryRepair.damagedFolder)
        }
    }

    @Test func `All files at once are mended from a copy, and the next entry is added`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 255, 42])
        let copy = try RegistryCopy(of: registry)
        let before = try contents(copy)
        for name in before.keys { try Damage.flipped.inflict(copy, name) }
        let report = try await copy.repair(from: registry.registry)
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(try contents(copy) == before)
        try await copy.add(["B-1"])
        #expect(try await copy.audit().verdict == .passed)
    }

    @Test func `All files of a ledger are fetched anew when nothing of it is left`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3])
        let copy = try RegistryCopy(of: registry)
        let before = try contents(copy)
        for name in ["documents", "certificates", "checkpoints", "ledger/tile"] { try copy.remove(name) }
        let report = try await copy.repair(from: registry.registry)
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(try contents(copy).filter { !$0.key.contains(".p/") } == before.filter { !$0.key.contains(".p/") })
    }

    @Test func `An entry that is nowhere to be had is named, and nothing else is touched`() async throws {
        let copy = try await Self.large()
        let bundle = "ledger/tile/entries/000"
        var bytes = try copy.bytes(bundle)
        // In the second entry: the first has to be read before all others.
        let length = Int(bytes[0]) << 8 | Int(bytes[1])
        bytes[length + 100] ^= 1
        try copy.put(bundle, bytes)
        for name in ["ledger/tile/entries/000.p/1", "ledger/tile/entries/000.p/3"] { try copy.remove(name) }
        let before = try contents(copy)
        let report = try await copy.repair()
        #expect(report.verdict == .failed)
        #expect(report.lostEntries == [1])
        #expect(report.mended == [])
        #expect(report.findings.contains { $0.key == "entry.mismatch" && $0.entry == 1 }, "\(report.findings)")
        #expect(try contents(copy) == before)
    }

    @Test(arguments: ["000", "001.p/44"])
    func `A bundle with bytes left over, or with a wrong length, is mended from what it has`(
        bundle: String
    ) async throws {
        let copy = try await Self.large()
        for name in ["ledger/tile/entries/000.p/1", "ledger/tile/entries/000.p/3"] { try copy.remove(name) }
        let name = "ledger/tile/entries/\(bundle)"
        let right = try copy.bytes(name)
        var (longer, shorter) = (right, right)
        longer[0] ^= 1
        shorter[1] ^= 1
        for wrong in [right + [0x0A], longer, shorter] {
            try copy.put(name, wrong)
            let report = try await copy.repair()
            #expect(report.lostEntries == [])
            #expect(report.mended.map(\.path).contains(name), "\(report.mended)")
            #expect(report.findings.filter { $0.key != "ledger.bundle.missing" } == [], "\(report.findings)")
            #expect(try copy.bytes(name) == right)
        }
    }

    @Test func `What a bundle has before it ends too early is not lost`() async throws {
        let copy = try await Self.large()
        let bundle = "ledger/tile/entries/001.p/44"
        let entries = try EntryBundle(parsing: copy.bytes(bundle), width: 44).entries
        let half = entries.prefix(20).reduce(0) { $0 + 2 + $1.count } + 100
        let cut = Array(try copy.bytes(bundle).prefix(half))
        try copy.put(bundle, cut)
        let report = try await copy.repair()
        #expect(report.lostEntries == Array(276...299))
        // What is still there keeps its place.
        #expect(try copy.bytes(bundle) == cut)
    }

    @Test func `An entry and the hash of another may be wrong at once`() async throws {
        let copy = try await Self.large()
        let (bundle, tile) = ("ledger/tile/entries/000", "ledger/tile/0/000")
        let right = try copy.bytes(tile)
        var (entries, hashes) = (try copy.bytes(bundle), right)
        let lengths = try EntryBundle(parsing: entries, width: 256).entries.prefix(200).map { $0.count + 2 }
        entries[lengths.reduce(0, +) + 100] ^= 1
        hashes[10 * 32] ^= 1
        try copy.put(bundle, entries)
        try copy.put(tile, hashes)
        let report = try await copy.repair()
        #expect(report.lostEntries == [200])
        #expect(report.mended == [.init(path: tile, from: .ledger)])
        #expect(try copy.bytes(tile) == right)
    }

    @Test func `Entries are named as lost also where no tree can be proved`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        for name in ["ledger/tile/entries/000.p/6", "ledger/tile/0/000.p/6"] { try copy.remove(name) }
        let report = try await copy.repair()
        #expect(report.lostEntries == [3, 4, 5])
        #expect(report.verdict == .failed && report.mended == [])
    }

    @Test(arguments: Damage.allCases)
    func `Nothing is added while the latest checkpoint does not lie among those that are kept`(
        damage: Damage
    ) async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        let latest = try copy.bytes("ledger/checkpoint")
        try damage.inflict(copy, "checkpoints/006")
        let error = await #expect(throws: RegistryError.self) { try await copy.add(["B-1"]) }
        #expect(error?.code == .refused && error?.message.contains("checkpoints/006") == true, "\(damage)")
        #expect(try copy.bytes("ledger/checkpoint") == latest)
        #expect(try await copy.repair().verdict == .passed)
        try await copy.add(["B-1"])
        #expect(try await copy.audit().verdict == .passed)
    }

    @Test func `An older checkpoint that takes the place of a lost one is told`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        let kept = try copy.bytes("checkpoints/006")
        for name in ["ledger/checkpoint", "checkpoints/006"] { try Damage.flipped.inflict(copy, name) }
        let report = try await copy.repair()
        #expect(report.verdict == .failed && report.treeSize == 3)
        let told = try #require(report.findings.first)
        #expect(told.key == "ledger.shrunk" && told.expected == "6" && told.actual == "3", "\(report.findings)")
        // The way on: what does not hold is moved away, and the log signs the same entries again.
        try copy.remove("checkpoints/006")
        try await copy.add(["B-1"])
        #expect(try await copy.audit().verdict == .passed)
        #expect(try copy.bytes("ledger/checkpoint") != kept)
    }

    @Test func `What waits beside a lost checkpoint is not taken for what was published`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        for party in ["KZ", "UZ"] {
            try FileManager.default.removeItem(atPath: copy.scratch.file("keys/private/\(party)-witness.pem"))
        }
        try await copy.add(["B-1"])
        try Damage.flipped.inflict(copy, "ledger/checkpoint")
        let report = try await copy.repair()
        #expect(report.mended == [.init(path: "ledger/checkpoint", from: .ledger)])
        #expect(report.findings.map(\.key) == ["ledger.pending"], "\(report.findings)")
    }

    @Test(arguments: Damage.allCases)
    func `What lies in the place of a pending checkpoint hinders nobody`(damage: Damage) async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        try copy.put("state/pending", copy.bytes("ledger/checkpoint"))
        try damage.inflict(copy, "state/pending")
        let isFile = Files.kind(copy.path("state/pending")) == .regular
        #expect(try OpenedLedger.open(registry: copy.registry, keys: copy.keys).publishedHead.size == 6)
        let audit = try await copy.audit()
        #expect(audit.entries == 6, "\(damage): \(audit.findings)")
        let report = try await copy.repair()
        #expect(Files.kind(copy.path("state/pending")) == (isFile ? .regular : nil), "\(damage)")
        #expect(report.verdict == .passed || isFile, "\(damage): \(report.findings)")
        try await copy.add(["B-1"])
        #expect(try await copy.audit().verdict == .passed, "\(damage)")
    }

    @Test(arguments: ["documents", "state"])
    func `A pipe or a link where a folder belongs is told, and the rest is audited`(folder: String) async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2]))
        for damage in [Damage.pipe, .danglingLink] {
            try copy.remove(folder)
            switch damage {
            case .pipe: _ = try CommandRun.run("/usr/bin/mkfifo", [copy.path(folder)], folder: "/")
            default:
                try FileManager.default.createSymbolicLink(atPath: copy.path(folder), withDestinationPath: "nowhere")
            }
            let report = try await copy.audit()
            #expect(report.verdict != .passed && report.entries == 3, "\(report.findings)")
            let told = try #require(report.findings.first { $0.path == folder }, "\(report.findings)")
            #expect(told.words.contains("where a folder belongs"))
        }
    }

    @Test(arguments: ["ledger/checkpoint", "ledger/tile/entries/000.p/6"])
    func `An audit goes on where what it begins with is damaged, as far as something else leads there`(
        damaged: String
    ) async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        let document = try #require(try copy.checkedFiles().first { $0.hasPrefix("documents/") })
        try Damage.flipped.inflict(copy, document)
        try copy.put("ledger/stranger", [1])
        var bytes = try copy.bytes(damaged)
        bytes[10] ^= 1
        try copy.put(damaged, bytes)
        let report = try await copy.audit()
        #expect(report.verdict == .failed && report.entries == 6)
        let paths = Set(report.findings.compactMap(\.path))
        #expect(paths.isSuperset(of: [document, "ledger/stranger", damaged]), "\(report.findings)")
    }

    @Test func `Nothing is made of what nothing proves`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        // The tile of its hashes is gone, so that nobody can tell which of its entries are right.
        let bundle = "ledger/tile/entries/000.p/6"
        var bytes = try copy.bytes(bundle)
        let second = 2 + (Int(bytes[0]) << 8 | Int(bytes[1]))
        bytes[second + 100] ^= 1
        bytes[bytes.count - 100] ^= 1
        try copy.put(bundle, bytes)
        try copy.remove("ledger/tile/0/000.p/6")
        let before = try contents(copy)
        #expect(try await copy.repair().verdict == .failed)
        #expect(try contents(copy) == before)
    }

    @Test func `A pending entry that is lost is named, and what is published is mended`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        for party in ["KZ", "UZ"] {
            try FileManager.default.removeItem(atPath: copy.scratch.file("keys/private/\(party)-witness.pem"))
        }
        try await copy.add(["B-1"])
        try #require(try OpenedLedger.open(registry: copy.registry, keys: copy.keys).pending?.head.size == 7)
        try copy.remove("ledger/tile/entries/000.p/7")
        try Damage.flipped.inflict(copy, "ledger/tile/0/000.p/6")
        let report = try await copy.repair()
        #expect(report.lostEntries == [6])
        #expect(report.mended.map(\.path) == ["ledger/tile/0/000.p/6"])
        // What nothing here leads to is not looked for without end.
        let root = try OpenedLedger.open(registry: copy.registry, keys: copy.keys).publishedHead.root
        for size in [1 << 31, Int64.max] {
            let note = try copy.note(TreeHead(size: size, root: root), witnesses: [])
            try copy.put("state/pending", note)
            try Damage.flipped.inflict(copy, "ledger/tile/0/000.p/6")
            let report = try await copy.repair()
            #expect(report.mended.map(\.path) == ["ledger/tile/0/000.p/6"])
            #expect(report.verdict == .failed)
        }
    }

    @Test(arguments: [1 << 31, Int64.max]) func `A tree of a size that nobody has is not counted up`(
        size: Int64
    ) async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        let root = try OpenedLedger.open(registry: copy.registry, keys: copy.keys).publishedHead.root
        let note = try copy.note(TreeHead(size: size, root: root))
        try copy.put("ledger/checkpoint", note)
        #expect(try await copy.repair().verdict == .failed)
        try copy.remove("ledger/checkpoint")
        try copy.put(#require(CheckpointPath(size: size)).path, note)
        #expect(try await copy.repair().verdict == .failed)
    }

    @Test func `An entry that a smaller bundle still has is taken from there`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        let bundle = "ledger/tile/entries/000.p/6"
        let good = try copy.bytes(bundle)
        var bytes = good
        bytes[Int(bytes[0]) << 8 | Int(bytes[1]) + 100] ^= 1
        try copy.put(bundle, bytes)
        let report = try await copy.repair()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(try copy.bytes(bundle) == good)
    }

    @Test func `Entry 0 is taken from a smaller bundle, and the other entries of the damaged one are kept`()
        async throws
    {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2, 3]))
        let before = try contents(copy)
        let bundle = "ledger/tile/entries/000.p/6"
        var bytes = try copy.bytes(bundle)
        bytes[100] ^= 1
        try copy.put(bundle, bytes)
        let report = try await copy.repair()
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.mended == [.init(path: bundle, from: .ledger)] && report.lostEntries.isEmpty)
        #expect(try contents(copy) == before)
    }

    @Test func `A certificate that belongs to nobody here is not brought along`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let hostile = try RegistryCopy(of: registry)
        let stranger = try await ScratchRegistry.established().signer("KZ").certificate
        let name = RegistryFolder.certificateName(ContentDigest(stranger.fingerprint))
        try hostile.put(name, stranger.derBytes)
        let copy = try RegistryCopy(of: registry)
        let before = try contents(copy)
        let own = try #require(before.keys.first { $0.hasPrefix("certificates/") })
        try copy.remove(own)
        let report = try await copy.repair(from: hostile.registry)
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(report.mended == [.init(path: own, from: .copy)])
        #expect(try contents(copy) == before)
    }

    @Test func `What a copy has and is not right is not taken`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3])
        let copy = try RegistryCopy(of: registry)
        let hostile = try RegistryCopy(of: registry)
        let names = try copy.checkedFiles().filter {
            $0.hasPrefix("documents/") || $0.hasPrefix("certificates/") || $0.contains("entries/000.p/6")
                || $0 == "checkpoints/003"
        }
        for name in names {
            try Damage.flipped.inflict(hostile, name)
            try copy.remove(name)
        }
        let report = try await copy.repair(from: hostile.registry)
        #expect(report.verdict == .failed)
        for name in names where !name.contains("entries") {
            #expect(Files.kind(copy.path(name)) == nil, "\(name) was taken")
        }
        #expect(report.refused.contains { $0.key == "document.mismatch" })
        #expect(report.refused.contains { $0.key == "certificate.mismatch" })
        // From one that is right it is.
        #expect(try await copy.repair(from: registry.registry).verdict == .passed)
    }

    @Test func `Another registry, or another history, mends nothing`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2])
        let copy = try RegistryCopy(of: registry)
        let other = try await ScratchRegistry.filled(batches: [2])
        try copy.remove("ledger/tile")
        let error = await #expect(throws: RegistryError.self) { try await copy.repair(from: other.registry) }
        #expect(error?.code == .refused)
        #expect(Files.kind(copy.path("ledger/tile/entries/000.p/3")) == nil)
    }

    @Test func `A sound registry is not taken for a damaged one by another's keys`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2])
        let other = try await ScratchRegistry.filled(batches: [3])
        let copy = try RegistryCopy(of: registry)
        let before = try contents(copy)
        let keys = KeysFolder(path: other.scratch.file("keys"))
        let error = await #expect(throws: RegistryError.self) {
            try await RegistryRepair(
                registry: copy.registry, keys: keys, from: RegistrySource(folder: other.registry), now: copy.now
            ).run()
        }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("another registry") == true)
        #expect(try contents(copy) == before)
        #expect(Files.kind(copy.path(RegistryRepair.damagedFolder)) == nil)
    }

    @Test func `Without a pinned identity nobody can tell what is right`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [1]))
        try FileManager.default.removeItem(atPath: copy.scratch.file("keys/identity"))
        let error = await #expect(throws: RegistryError.self) { try await copy.repair() }
        #expect(error?.message.contains("no identity is pinned") == true)
    }

    @Test func `Nothing is done to a registry that is well, and strays are told and left`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [2]))
        let before = try contents(copy)
        let report = try await copy.repair()
        #expect(report.verdict == .passed && report.mended.isEmpty && report.lostEntries.isEmpty)
        #expect(try contents(copy) == before)
        try copy.put("ledger/stranger", [1])
        let told = try await copy.repair()
        #expect(told.verdict == .indeterminate && told.mended.isEmpty)
        #expect(told.findings.map(\.path) == ["ledger/stranger"])
        #expect(try copy.bytes("ledger/stranger") == [1])
    }

    @Test func `What is pending is mended too`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2])
        // The witness of UZ is elsewhere.
        try FileManager.default.removeItem(atPath: registry.scratch.file("keys/private/UZ-witness.pem"))
        try await registry.addBatch(["P-1"])
        let copy = try RegistryCopy(of: registry)
        let before = try contents(copy)
        try Damage.flipped.inflict(copy, "ledger/tile/0/000.p/4")
        let report = try await copy.repair()
        #expect(report.mended.map(\.path) == ["ledger/tile/0/000.p/4"])
        #expect(report.findings.map(\.key) == ["ledger.pending"])
        #expect(try contents(copy) == before)
    }

    @Test func `A restricted document comes from a folder that has it, with its key, for its owner alone`() async throws
    {
        let registry = try await ScratchRegistry.filled(batches: [1])
        let document = try await registry.addRestricted("R-1", text: "Between us.\n")
        let commitment = try #require(document.commitment)
        let copy = try RegistryCopy(of: registry)
        let name = RegistryFolder.restrictedName(commitment)
        try Damage.flipped.inflict(copy, name)
        try copy.remove(RegistryFolder.restrictedKeyName(commitment))
        // One that was blown up is not read to its end.
        let hostile = try RegistryCopy(of: registry)
        let file = try #require(FileHandle(forWritingAtPath: hostile.path(name)))
        try file.truncate(atOffset: 8 << 40)
        #expect(try await copy.repair(from: hostile.registry).mended == [])
        let report = try await copy.repair(from: registry.registry)
        #expect(report.verdict == .passed, "\(report.findings)")
        #expect(try copy.bytes(name) == Array("Between us.\n".utf8))
        #expect(Files.permissions(copy.path(name)) == 0o600)
    }

    @Test func `Who holds the lock is waited for, and not disturbed`() async throws {
        let copy = try RegistryCopy(of: await ScratchRegistry.filled(batches: [1]))
        let lock = try FileLock.acquire(copy.path(RegistryFolder.lockName), patienceSeconds: 1)
        let error = await #expect(throws: RegistryError.self) { try await copy.repair(patienceSeconds: 0.1) }
        #expect(error?.code == .conflict)
        withExtendedLifetime(lock) {}
    }
}

extension RegistryCopy {
    func repair(from folder: RegistryFolder? = nil, patienceSeconds: Double = 10) async throws -> RepairReport {
        try await RegistryRepair(
            registry: registry, keys: keys, from: try folder.map { try RegistrySource(folder: $0) }, now: now
        ).run(patienceSeconds: patienceSeconds)
    }
}
