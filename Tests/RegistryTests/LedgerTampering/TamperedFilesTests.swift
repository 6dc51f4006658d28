import Agreements
import Foundation
import Registry
import Support
import Testing
import TiledLog
import TransparencyLog

/// Whatever is done to a whole file, an audit ends, does not pass, and names the file.
@Suite(.hangLimit) struct TamperedFilesTests {
    enum Damage: CaseIterable, Sendable {
        case removed, blockZeroed, halved, emptied, grown, older, folder, link, danglingLink, pipe

        /// - Returns: false where the file cannot be damaged so.
        func inflict(_ copy: RegistryCopy, _ name: String) throws -> Bool {
            let bytes = try copy.bytes(name)
            let older = self == .older ? try copy.olderVersion(of: name) : bytes
            guard let older else { return false }
            let path = copy.path(name)
            try copy.remove(name)
            switch self {
            case .removed: break
            case .blockZeroed:
                let start = bytes.count / 1024 * 512
                let end = min(start + 512, bytes.count)
                try copy.put(name, bytes[..<start] + Array(repeating: 0, count: end - start) + bytes[end...])
            case .halved: try copy.put(name, Array(bytes.prefix(bytes.count / 2)))
            case .emptied: try copy.put(name, [])
            case .grown: try copy.put(name, bytes + [0x0A])
            case .older: try copy.put(name, older)
            case .folder: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            case .link:
                // To the very same bytes, outside the registry.
                try copy.scratch.write(bytes, to: "elsewhere")
                try FileManager.default.createSymbolicLink(
                    atPath: path, withDestinationPath: copy.scratch.file("elsewhere"))
            case .danglingLink: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
            case .pipe: _ = try CommandRun.run("/usr/bin/mkfifo", [path], folder: "/")
            }
            return true
        }
    }

    @Test(arguments: Damage.allCases)
    func `A damaged file is found and named`(damage: Damage) async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3, 4])
        try await expectFound(damage, RegistryCopy(of: registry))
    }

    private static let hasShipped = Files.kind(PackageRoot.file("registry/ledger")) == .folder

    private static func shipped() throws -> RegistryCopy {
        try RegistryCopy(of: PackageRoot.path, now: Int64(Date().timeIntervalSince1970))
    }

    @Test(.enabled(if: hasShipped, "no registry is shipped"), arguments: Damage.allCases)
    func `A damaged file of the shipped registry is found and named`(damage: Damage) async throws {
        try await expectFound(damage, Self.shipped())
    }

    private func expectFound(_ damage: Damage, _ copy: RegistryCopy) async throws {
        #expect(try await copy.audit().verdict == .passed)
        var damaged: [String] = []
        for name in try copy.checkedFiles() {
            let bytes = try copy.bytes(name)
            guard try damage.inflict(copy, name) else { continue }
            damaged.append(name)
            let report = try await copy.audit()
            let keys = report.faults.map { "\($0.key) \($0.path ?? "")" }
            #expect(report.verdict != .passed, "\(damage) \(name)")
            // An older checkpoint is good in itself: what there is beyond it tells.
            let isToldByRest = damage == .older && name == RegistryFolder.checkpointName
            #expect(
                report.names(path: name) || namesEntriesThatRest(on: name, report)
                    || isToldByRest && report.faults.contains { $0.key == "ledger.shrunk" },
                "\(damage) \(name): \(keys)")
            try copy.put(name, bytes)
        }
        for kind in ["ledger/checkpoint", "ledger/tile/0/", "ledger/tile/entries/"] {
            #expect(damaged.contains { $0.hasPrefix(kind) }, "\(damage): none of \(kind)")
        }
        #expect(try await copy.audit().verdict == .passed)
    }

    /// An older checkpoint is missed by the entries that name its tree.
    private func namesEntriesThatRest(on name: String, _ report: AuditReport) -> Bool {
        guard let size = CheckpointPath(path: name)?.size else { return false }
        return report.faults.contains {
            $0.key == "statement.tree.unknown" && $0.entry == size && $0.actual == "\(size)"
        }
    }

    @Test func `A removed document or certificate makes the verdict indeterminate, and nothing worse`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3])
        let copy = try RegistryCopy(of: registry)
        let names = try copy.checkedFiles().filter { $0.hasPrefix("documents/") || $0.hasPrefix("certificates/") }
        #expect(names.count == 5 + 6)
        for name in names {
            let bytes = try copy.bytes(name)
            try copy.remove(name)
            let report = try await copy.audit()
            #expect(report.verdict == .indeterminate, "\(name): \(report.faults)")
            #expect(report.faults.allSatisfy { $0.key == "document.missing" || $0.key == "certificate.missing" })
            #expect(report.names(path: name))
            try copy.put(name, bytes)
        }
        // All of them at once is no better and no worse.
        for name in names { try copy.remove(name) }
        #expect(try await copy.audit().verdict == .indeterminate)
    }

    @Test func `Two files with their contents swapped are found`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3, 4])
        try await expectSwapsFound(RegistryCopy(of: registry))
    }

    @Test(.enabled(if: hasShipped, "no registry is shipped"))
    func `Two files of the shipped registry with their contents swapped are found`() async throws {
        try await expectSwapsFound(Self.shipped())
    }

    private func expectSwapsFound(_ copy: RegistryCopy) async throws {
        let names = try copy.checkedFiles()
        var pairs = Array(zip(names, names.dropFirst()))
        pairs += (0..<names.count).map { (names[$0], names[($0 * 7 + 11) % names.count]) }
        for (left, right) in pairs {
            let (first, second) = (try copy.bytes(left), try copy.bytes(right))
            // The latest checkpoint is there twice.
            guard first != second else { continue }
            try copy.put(left, second)
            try copy.put(right, first)
            let report = try await copy.audit()
            #expect(report.verdict != .passed, "\(left) \(right)")
            #expect(report.names(path: left) || report.names(path: right), "\(left) \(right): \(report.faults)")
            try copy.put(left, first)
            try copy.put(right, second)
        }
    }

    static let strangers = [
        "stranger", ".hidden", "ledger/stranger", "ledger/checkpoint.old", "ledger/tile/stranger", "ledger/tile/0/001",
        "ledger/tile/0/000", "ledger/tile/entries/000", "ledger/tile/0/000.p/2", "ledger/tile/0/000.p/11",
        "ledger/tile/0/000.p/200", "ledger/tile/entries/000.p/5", "ledger/tile/1/000.p/1", "ledger/tile/00/000.p/10",
        "ledger/tile/9/000", "ledger/tile/entries/x001/000", "ledger/x/y/z", "checkpoints/002", "checkpoints/999",
        "checkpoints/x001/000", "checkpoints/stranger", "checkpoints/6", "documents/stranger", "documents/ab/stranger",
        "documents/00/" + String(repeating: "0", count: 64), "certificates/stranger", "certificates/stranger.der",
        "certificates/" + String(repeating: "0", count: 64) + ".der", "certificates/below/stranger",
        "restricted/stranger", "new/stranger", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/stranger", "sta\u{0301}te", "State/pending",
    ]

    @Test(arguments: [true, false])
    func `An added file anywhere is found and named`(isEmpty: Bool) async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3, 4])
        for name in Self.strangers {
            let copy = try RegistryCopy(of: registry)
            #expect(Files.kind(copy.path(name)) == nil, "\(name) is there already")
            try copy.put(name, isEmpty ? [] : Array("stranger".utf8))
            let report = try await copy.audit()
            #expect(report.verdict != .passed, "\(name)")
            #expect(report.names(path: name), "\(name): \(report.faults)")
        }
    }

    /// Right bytes in a place that nothing promised are a stranger all the same.
    @Test func `An added file with plausible bytes is found too`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 3, 4])
        let copy = try RegistryCopy(of: registry)
        let tile = try copy.bytes("ledger/tile/0/000.p/10")
        let reader = copy.registry.ledger
        let entries = try reader.entries(TilePath(.entries, index: 0, width: 10)!)
        let document = try copy.checkedFiles().first { $0.hasPrefix("documents/") }!
        let strangers: [(String, [UInt8])] = [
            ("ledger/tile/0/000.p/2", Array(tile.prefix(64))),
            ("ledger/tile/entries/000.p/2", try EntryBundle(Array(entries.prefix(2))).bytes),
            ("ledger/tile/0/001.p/10", tile),
            ("checkpoints/002", try copy.bytes("checkpoints/003")),
            ("checkpoints/x001/003", try copy.bytes("checkpoints/003")),
            (document + ".copy", try copy.bytes(document)),
            ("documents/" + String(document.suffix(64)), try copy.bytes(document)),
        ]
        for (name, bytes) in strangers {
            try copy.put(name, bytes)
            let report = try await copy.audit()
            #expect(report.verdict != .passed, "\(name)")
            #expect(report.names(path: name), "\(name): \(report.faults)")
            try copy.remove(name)
        }
    }

    /// Beside a full tile only those partial ones may stay that some checkpoint promised.
    @Test func `A partial tile that no checkpoint promised is found beside the full one`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2, 260])
        let copy = try RegistryCopy(of: registry)
        #expect(try await copy.audit().verdict == .passed)
        let tile = try copy.bytes("ledger/tile/0/000")
        // Promised by the checkpoints of 1 and 3, and only not removed yet: a process may have died before.
        for width in [1, 3] {
            try copy.put("ledger/tile/0/000.p/\(width)", Array(tile.prefix(width * 32)))
            #expect(try await copy.audit().verdict == .passed, "\(width)")
        }
        try copy.put("ledger/tile/0/000.p/3", Array(tile.prefix(64)) + Array(tile.suffix(32)))
        #expect(try await copy.audit().names(path: "ledger/tile/0/000.p/3"))
        try copy.put("ledger/tile/0/000.p/3", Array(tile.prefix(96)))
        try copy.put("ledger/tile/0/000.p/17", Array(tile.prefix(17 * 32)))
        let report = try await copy.audit()
        #expect(report.verdict != .passed)
        #expect(report.names(path: "ledger/tile/0/000.p/17"))
    }

    @Test func `A name that is not UTF-8, a socket and a link to a folder are found`() async throws {
        let registry = try await ScratchRegistry.filled(batches: [2])
        let copy = try RegistryCopy(of: registry)
        let adding = [
            "touch \"$(printf 'ledger/\\377')\"", "touch \"$(printf 'documents/\\377')\"",
            "touch \"$(printf 'certificates/\\377.der')\"", "touch \"$(printf 'checkpoints/\\377')\"",
            "touch \"$(printf '\\377')\"", "mkfifo ledger/pipe", "mkfifo pipe", "mkfifo checkpoints/pipe",
            "ln -s / documents/everything", "ln -s . checkpoints/again", "ln -s ../ledger certificates/more",
        ]
        for command in adding {
            let fresh = try RegistryCopy(of: registry)
            #expect(
                try CommandRun.run("/bin/sh", ["-c", command], folder: fresh.registry.path).status == 0, "\(command)")
            let report = try await fresh.audit()
            #expect(report.verdict != .passed, "\(command)")
            #expect(!report.faults.isEmpty)
        }
        #expect(try await copy.audit().verdict == .passed)
    }
}
