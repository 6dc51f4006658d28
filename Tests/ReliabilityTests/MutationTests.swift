import Foundation
import Registry
import Support
import Synchronization
import Testing
import TiledLog
import TransparencyLog

/// A registry of thousands of entries, damaged in every way: never a pass, never a crash, never a hang. What an audit
/// says of each kind of damage is the table of docs/reliability.md.
@Suite(.serialized) struct MutationTests {
    /// One thing done to one file.
    enum Mutation: String, CaseIterable, Sendable {
        case byteFlipped = "a byte changed"
        case blockZeroed = "a block of 512 zeroed"
        case truncated = "cut short"
        case emptied = "emptied"
        case grown = "grown by a byte"
        case removed = "removed"
        case swapped = "swapped with its neighbour"
        case older = "replaced by an older version"
        case another = "replaced by another of its kind"
        case folder = "made into a folder"
        case link = "made into a link to the same bytes"
        case danglingLink = "made into a link to nothing"
        case pipe = "made into a pipe"
    }

    /// A line of the table: what audits said of mutants of one kind.
    struct Row: Hashable {
        let file: String
        let mutation: String
    }

    struct Mutant {
        /// Those whose bytes are no longer their own: two when they were swapped.
        let files: [String]
        let undo: () throws -> Void
    }

    struct Outcome {
        var mutants = 0
        var verdicts: [String: Int] = [:]
        var keys: [String: Int] = [:]

        mutating func count(_ audit: ProgramAudit) {
            mutants += 1
            verdicts["\(audit.verdict) \(audit.status)", default: 0] += 1
            for key in Set(audit.faults.map(\.key)) { keys[key, default: 0] += 1 }
        }

        /// The verdicts with their exit statuses, and the commonest findings.
        var words: String {
            let said = verdicts.sorted { $0.key < $1.key }.map {
                verdicts.count == 1 ? $0.key : "\($0.key): \($0.value)"
            }
            let found = keys.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(4).map { "`\($0.key)`" }
            return "\(mutants) | \(said.joined(separator: ", ")) | \(found.joined(separator: ", "))"
        }
    }

    /// What a file is, for the table.
    static func kind(_ name: String) -> String {
        switch name {
        case "ledger/checkpoint": "ledger/checkpoint"
        case let name where name.hasPrefix("ledger/tile/entries"): "ledger/tile/entries"
        case let name where name.hasPrefix("ledger/tile"): "ledger/tile"
        default: name.split(separator: "/").first.map(String.init) ?? name
        }
    }

    @Test(.hangLimit)
    func `Whatever is done to any file of a large registry, an audit does not pass and names it`() async throws {
        let count = Campaign.isWhole ? 5000 : 300
        let folder = try ProgramFolder()
        // The few at the end leave the last tile and bundle in two widths.
        for (part, count) in [count / 3, count / 3, count / 3, 10].enumerated() {
            try folder.write(Self.catalogue(part + 1, count), to: "catalogue.json")
            try folder.run(["add", "--from", "catalogue.json", "--sign", "KZ,UZ", "--yes", "--quiet"])
        }
        let registry = RegistryFolder(path: "\(folder.path)/registry")
        let sound = try folder.auditedByProgram()
        try #require(sound.verdict == "passed" && sound.status == 0, "\(sound.findings)")
        let files = try FileManager.default.subpathsOfDirectory(atPath: registry.path)
            .filter { !$0.hasPrefix("state") && Files.kind(registry.fullPath($0)) == .regular }.sorted()
        var rows: [Row: Outcome] = [:]
        var notMade: [Row: Int] = [:]
        var random = SeededGenerator(seed: 18)
        for mutation in Mutation.allCases {
            let perKind = Campaign.isWhole ? (mutation == .byteFlipped ? 60 : 12) : 1
            for (kind, names) in Dictionary(grouping: files, by: Self.kind).sorted(by: { $0.key < $1.key }) {
                let row = Row(file: kind, mutation: mutation.rawValue)
                for _ in 0..<perKind {
                    guard let mutant = try mutateAny(of: names, mutation, in: registry, using: &random) else {
                        notMade[row, default: 0] += 1
                        #expect(!Self.canBeMade(mutation, of: kind), "\(mutation.rawValue): \(kind): not made")
                        continue
                    }
                    let audit = try folder.auditedByProgram()
                    rows[row, default: Outcome()].count(audit)
                    #expect(audit.doesNotPass, "\(mutation.rawValue): \(mutant.files): \(audit)")
                    let isNamed = mutant.files.contains { name in
                        audit.faults.contains { Self.names(name, $0, after: mutation) }
                    }
                    #expect(isNamed, "\(mutation.rawValue): \(mutant.files): \(audit.faults.prefix(3))")
                    try mutant.undo()
                }
            }
        }
        let after = try folder.auditedByProgram()
        #expect(after.verdict == "passed", "\(after.findings)")
        let mutants = rows.values.reduce(0) { $0 + $1.mutants }
        print("mutants: \(mutants) of a registry of \(sound.entries) entries, none passed")
        for (row, outcome) in rows.sorted(by: { ($0.key.file, $0.key.mutation) < ($1.key.file, $1.key.mutation) }) {
            print("| `\(row.file)` | \(row.mutation) | \(outcome.words) |")
        }
        for (row, count) in notMade.sorted(by: { ($0.key.file, $0.key.mutation) < ($1.key.file, $1.key.mutation) }) {
            print("not made: \(count) of \(row.file), \(row.mutation)")
        }
    }

    /// What is written once has no older version, and the latest checkpoint is the only one of its kind.
    private static func canBeMade(_ mutation: Mutation, of kind: String) -> Bool {
        switch mutation {
        case .older: kind.hasPrefix("ledger/")
        case .swapped, .another: kind != RegistryFolder.checkpointName
        default: true
        }
    }

    /// Whether a finding points at the file itself, or at an entry that lies in it.
    private static func names(_ name: String, _ finding: ProgramAudit.Finding, after mutation: Mutation) -> Bool {
        if finding.path == name { return true }
        if name == RegistryFolder.checkpointName {
            // An older one is good in itself: what there is beyond it tells.
            return mutation == .older && finding.key == "ledger.shrunk"
        }
        if let checkpoint = CheckpointPath(path: name) {
            // The first entry after it names its tree.
            return finding.key == "statement.tree.unknown" && finding.entry == checkpoint.size
        }
        guard let bundle = tile(name), bundle.content == .entries, let entry = finding.entry else { return false }
        let first = bundle.index * Int64(TilePath.fullWidth)
        return (first..<(first + Int64(bundle.width))).contains(entry)
    }

    private static func tile(_ name: String) -> TilePath? {
        name.hasPrefix("ledger/") ? TilePath(path: String(name.dropFirst(7))) : nil
    }

    /// The mutation of one of the files, whichever it can be done to; nil when to none.
    private func mutateAny(
        of names: [String], _ mutation: Mutation, in registry: RegistryFolder, using random: inout SeededGenerator
    ) throws -> Mutant? {
        for name in names.shuffled(using: &random) {
            if let mutant = try mutate(name, mutation, among: names, in: registry, using: &random) { return mutant }
        }
        return nil
    }

    /// - Returns: nil where it would change nothing.
    private func mutate(
        _ name: String, _ mutation: Mutation, among names: [String], in registry: RegistryFolder,
        using random: inout SeededGenerator
    ) throws -> Mutant? {
        let manager = FileManager.default
        let path = registry.fullPath(name)
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        let mode = try #require(Files.permissions(path))
        func put(_ bytes: [UInt8], at path: String, mode: UInt32) throws {
            try? manager.removeItem(atPath: path)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            try manager.setAttributes([.posixPermissions: Int(mode)], ofItemAtPath: path)
        }
        let mutant = Mutant(files: [name]) { try put(bytes, at: path, mode: mode) }
        var changed = bytes
        switch mutation {
        case .byteFlipped:
            guard !bytes.isEmpty else { return nil }
            changed[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 + random.next() % 255)
        case .blockZeroed:
            let start = bytes.count > 512 ? Int(random.next() % UInt64(bytes.count / 512)) * 512 : 0
            for position in start..<min(start + 512, bytes.count) { changed[position] = 0 }
        case .truncated: changed.removeLast(1 + Int(random.next() % UInt64(max(1, bytes.count))) % max(1, bytes.count))
        case .emptied: changed = []
        case .grown: changed.append(UInt8(truncatingIfNeeded: random.next()))
        case .removed:
            // A certificate or a document that is not held leaves things undecided; all else is wrong.
            try manager.removeItem(atPath: path)
            return mutant
        case .older, .another:
            let older = try olderVersions(of: name, among: names, in: registry)
            let others = mutation == .older ? older.suffix(1) : names.filter { $0 != name && !older.contains($0) }
            guard let other = others.randomElement(using: &random) else { return nil }
            changed = try Array(Data(contentsOf: URL(fileURLWithPath: registry.fullPath(other))))
        case .swapped:
            let position = try #require(names.firstIndex(of: name))
            guard names.count > 1 else { return nil }
            let other = names[position > 0 ? position - 1 : 1]
            let otherPath = registry.fullPath(other)
            let otherBytes = try Array(Data(contentsOf: URL(fileURLWithPath: otherPath)))
            guard otherBytes != bytes else { return nil }
            let otherMode = try #require(Files.permissions(otherPath))
            try put(bytes, at: otherPath, mode: otherMode)
            try put(otherBytes, at: path, mode: mode)
            return Mutant(files: [name, other]) {
                try put(otherBytes, at: otherPath, mode: otherMode)
                try mutant.undo()
            }
        case .folder, .link, .danglingLink, .pipe:
            let away = registry.path + ".away"
            try? manager.removeItem(atPath: away)
            try manager.moveItem(atPath: path, toPath: away)
            switch mutation {
            case .folder: try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
            case .link: try manager.createSymbolicLink(atPath: path, withDestinationPath: away)
            case .danglingLink: try manager.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
            default: try #require(mkfifo(path, 0o644) == 0)
            }
            return mutant
        }
        guard changed != bytes else { return nil }
        try put(changed, at: path, mode: mode)
        return mutant
    }

    /// Where the bytes are that the file had before, the last ones last: of the latest checkpoint among those that are
    /// kept, of a partial tile or bundle in the narrower ones.
    private func olderVersions(
        of name: String, among names: [String], in registry: RegistryFolder
    ) throws -> [String] {
        if name == RegistryFolder.checkpointName {
            return try FileManager.default.subpathsOfDirectory(atPath: registry.fullPath("checkpoints"))
                .compactMap { CheckpointPath(path: "checkpoints/\($0)") }.sorted { $0.size < $1.size }.dropLast()
                .map(\.path)
        }
        guard let tile = Self.tile(name), tile.isPartial else { return [] }
        return names.compactMap(Self.tile).filter { $0.full == tile.full && $0.width < tile.width }
            .sorted { $0.width < $1.width }.map { "ledger/\($0.path)" }
    }

    private static func catalogue(_ part: Int, _ count: Int) throws -> String {
        let records = (0..<count).map { number in
            """
            {"id":"M\(part)-\(number)","title":{"en":"Agreement \(part)/\(number)"},"titleStatus":"original",\
            "kind":"agreement","parties":[{"party":"KZ"},{"party":"UZ"}],"concluded":{"date":"2025-11-15"},\
            "documents":\(number < 5 ? "[{\"file\":\"new.txt\",\"role\":\"text\"}]" : "[]")}
            """
        }
        return "{\"agreements\":[\(records.joined(separator: ",\n"))]}\n"
    }

    // MARK: Whole histories

    @Test(.hangLimit)
    func `Entries dropped, doubled, reordered or exchanged with all tiles made anew do not pass`() async throws {
        let folder = try ProgramFolder()
        for number in 1...4 {
            try folder.run([
                "add", "new.txt", "--id", "N-\(number)", "--title", "en=\(number)", "--kind", "plan", "--sign", "KZ,UZ",
                "--yes", "-q",
            ])
        }
        let registry = RegistryFolder(path: "\(folder.path)/registry")
        let size = try await folder.audit().treeSize
        let leaves = try TilePath.bundles(forSize: size).flatMap { try registry.ledger.entries($0).map { Array($0) } }
        let pristine = try folder.kept()
        for (name, changed) in [
            ("the last dropped", Array(leaves.dropLast())), ("one dropped", leaves.filter { $0 != leaves[3] }),
            ("one doubled", leaves + [leaves[3]]), ("two reordered", leaves.dropLast(2) + [leaves[5], leaves[4]]),
            ("the last replaced by another", leaves.dropLast(1) + [leaves[4]]),
        ] {
            try pristine.restore()
            try FileManager.default.removeItem(atPath: registry.fullPath("ledger/tile"))
            var writer = try LogWriter(folder: registry.files, head: .empty)
            _ = try writer.append(changed)
            let audit = try folder.auditedByProgram()
            #expect(audit.verdict == "failed" && audit.doesNotPass, "\(name): \(audit)")
            #expect(audit.faults.contains { $0.key.hasPrefix("ledger.") }, "\(name): \(audit)")
            Self.tell("entries", name, audit)
        }
    }

    /// Who has the log's key signs what they like; the other signers, and whoever kept a checkpoint, do not follow.
    @Test(.hangLimit)
    func `Another history of the same size that the log's key signed does not pass`() throws {
        let folder = try ProgramFolder()
        func add(_ id: String) throws {
            try folder.run([
                "add", "new.txt", "--id", id, "--title", "en=\(id)", "--kind", "plan", "--sign", "KZ,UZ", "--yes", "-q",
            ])
        }
        let before = try folder.kept()
        try add("N-1")
        let kept = try folder.run(["checkpoint"]).standardOutput
        try before.restore()
        try add("X-1")
        try folder.write(kept, to: "kept.checkpoint")
        // With every key all is in order, but for those who have seen the other one.
        try #require(folder.auditedByProgram().verdict == "passed")
        let seen = try folder.auditedByProgram(["--since", "kept.checkpoint"])
        #expect(seen.verdict == "failed" && seen.doesNotPass, "\(seen)")
        Self.tell("history", "another one of the same size, signed with all keys, and a checkpoint was kept", seen)

        let note = try folder.run(["checkpoint"]).standardOutput
        let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
        let logOnly = lines.filter { !$0.hasPrefix("\u{2014} ") || $0.hasPrefix("\u{2014} \(lines[0]) ") }
        try #require(lines.count - logOnly.count == 2)
        for name in ["ledger/checkpoint", "checkpoints/003"] {
            try folder.write(logOnly.joined(separator: "\n"), to: "registry/\(name)")
        }
        let alone = try folder.auditedByProgram()
        #expect(alone.verdict == "failed" && alone.doesNotPass, "\(alone)")
        Self.tell("history", "another one of the same size, signed with the log's key alone", alone)
    }

    private static func tell(_ file: String, _ mutation: String, _ audit: ProgramAudit) {
        var outcome = Outcome()
        outcome.count(audit)
        print("| \(file) | \(mutation) | \(outcome.words) |")
    }

    @Test(.hangLimit)
    func `However many faults there are, an audit ends and tells them all`() async throws {
        let folder = try ProgramFolder()
        try folder.write(Self.catalogue(1, 600), to: "catalogue.json")
        try folder.run(["add", "--from", "catalogue.json", "--sign", "KZ,UZ", "--yes", "--quiet"])
        let registry = RegistryFolder(path: "\(folder.path)/registry")
        let files = try FileManager.default.subpathsOfDirectory(atPath: registry.path)
            .filter { !$0.hasPrefix("state") && Files.kind(registry.fullPath($0)) == .regular }
        // Every entry but the first, and every other file.
        for name in files where name != "ledger/checkpoint" {
            var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: registry.fullPath(name))))
            var position = 0
            if name.contains("entries") {
                while position + 2 < bytes.count {
                    let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
                    if position > 0 || name.contains("001") { bytes[position + 2 + length / 2] ^= 1 }
                    position += 2 + length
                }
            } else if !bytes.isEmpty {
                bytes[bytes.count / 2] ^= 1
            }
            try FileManager.default.removeItem(atPath: registry.fullPath(name))
            try Data(bytes).write(to: URL(fileURLWithPath: registry.fullPath(name)))
        }
        for number in 0..<2000 {
            try Data().write(to: URL(fileURLWithPath: registry.fullPath("documents/stray-\(number)")))
        }
        let report = try await folder.audit()
        #expect(report.verdict == .failed)
        let named = Set(report.findings.compactMap(\.entry))
        #expect(named.count > 590, "\(named.count)")
        #expect(report.findings.count { $0.key == "registry.file.unexpected" } >= 2000)
    }
}
