package import OpenSSLKit
package import TransparencyLog

/// Makes the files of a log right again, of which a signed tree says what they should be: tiles from the entries below
/// them, entries from other files that hold them, and either from a copy. Nothing is taken that the root does not prove.
package struct LogRepair {
    package enum Origin: Hashable, Sendable {
        /// Made from what is here.
        case ledger
        case copy
    }

    package struct Mended: Hashable, Sendable {
        package let file: TilePath
        package let origin: Origin
    }

    /// What nothing here or in the copy leads to.
    package struct Lost: Hashable, Sendable {
        package let file: TilePath
        /// Of a bundle; empty for a tile.
        package let entries: [Int64]
    }

    package struct Outcome: Sendable {
        package fileprivate(set) var mended: [Mended] = []
        package fileprivate(set) var lost: [Lost] = []
    }

    /// The bytes of a tile or bundle elsewhere, by its path in the log.
    package typealias Copy = @Sendable (TilePath) async throws -> [UInt8]?

    /// So many files that are nowhere, one after the other, are the end: a checkpoint may give a size that nobody has,
    /// and the rest of it cannot be counted up one by one.
    package static let mostMissing = 1024

    private let folder: DurableFolder
    private let head: TreeHead
    private let damaged: DamagedFiles
    private let copy: Copy?
    private let reader: LogReader
    private let survey: LogSurvey
    private let right = RightTiles()
    private var outcome = Outcome()

    /// - Parameters:
    ///   - folder: the registry; the log lies in `ledger/`.
    ///   - head: signed, and trusted by the caller.
    ///   - damaged: where what is replaced is kept.
    package init(folder: DurableFolder, head: TreeHead, keeping damaged: DamagedFiles, copy: Copy?) throws {
        self.folder = folder
        self.head = head
        self.damaged = damaged
        self.copy = copy
        reader = LogReader(path: folder.fullPath("ledger"))
        survey = try LogSurvey(reader, size: head.size)
    }

    /// The tiles and bundles of the tree itself.
    ///
    /// - Parameter progress: told how many bundles have been looked at.
    package mutating func run(progress: (Int64) -> Void = { _ in }) async throws -> Outcome {
        guard head.size > 0 else { return outcome }
        if let proved = try await proveEdge() {
            for level in (0...7).reversed() {
                var lost = 0
                for tile in TilePath.newTiles(level: level, from: 0, to: head.size) where !tile.isPartial {
                    lost = try await mend(tile, level: level, proved) ? 0 : lost + 1
                    guard lost <= Self.mostMissing else { break }
                }
            }
            var (looked, lost): (Int64, Int) = (0, 0)
            for bundle in TilePath.bundles(forSize: head.size) {
                lost = try await mend(bundle: bundle, proved) ? 0 : lost + 1
                guard lost <= Self.mostMissing else { break }
                looked += 1
                progress(looked)
            }
            try folder.barrier()
            try placeTiles()
        } else {
            outcome.lost += TilePath.rightEdge(forSize: head.size).filter(\.isPartial).map {
                Lost(file: $0, entries: [])
            }
            findUnprovedLost()
        }
        try folder.barrier()
        return outcome
    }

    /// Those of smaller trees that were published: the beginnings of the present ones.
    ///
    /// - Throws: `LogError` when the tiles here do not lead to the tree.
    package static func mendPartials(
        ofSizes sizes: [Int64], folder: DurableFolder, head: TreeHead, keeping damaged: DamagedFiles
    ) throws -> [TilePath] {
        let partials = try PartialTiles(folder: folder, head: head)
        var mended: [TilePath] = []
        for size in sizes where size < head.size {
            for (tile, bytes) in partials.wrong(ofSize: size) {
                try damaged.keep("ledger/\(tile.path)")
                try folder.replace("ledger/\(tile.path)", with: bytes)
                mended.append(tile)
            }
        }
        try folder.barrier()
        return mended
    }

    // MARK: Tiles

    /// Partial tiles are proved all together: by those among what they may be that lead to the root.
    private mutating func proveEdge() async throws -> ProvedTiles? {
        let edge = TilePath.rightEdge(forSize: head.size).filter(\.isPartial)
        var options = edge.map { survey.options($0) }
        if let proved = try prove(edge, options) { return proved }
        guard let copy else { return nil }
        for (number, tile) in edge.enumerated() {
            guard let hashes = try await Self.hashes(tile, in: copy) else { continue }
            right.offerCopy(tile, hashes)
            options[number].append(hashes)
        }
        return try prove(edge, options)
    }

    private func prove(_ edge: [TilePath], _ options: [[[SHA256Digest]]]) throws -> ProvedTiles? {
        // A level has its own, what lies below it twice, and the copy's: with four levels that is little to try.
        var chosen = Array(repeating: 0, count: edge.count)
        while zip(chosen, options).allSatisfy({ $0 < $1.count }) {
            for (number, tile) in edge.enumerated() { right[tile] = options[number][chosen[number]] }
            let (right, reader) = (right, reader)
            if let proved = try? ProvedTiles(head: head, read: { try right[$0] ?? reader.hashes($0) }) { return proved }
            guard let next = zip(chosen, options).enumerated().first(where: { $1.0 + 1 < $1.1.count })?.offset else {
                break
            }
            for number in 0..<next { chosen[number] = 0 }
            chosen[next] += 1
        }
        for tile in edge { right[tile] = nil }
        return nil
    }

    /// - Returns: whether its hashes are known now.
    private mutating func mend(_ tile: TilePath, level: Int, _ proved: ProvedTiles) async throws -> Bool {
        guard let expected = try? proved.subtree(level: 8 * (level + 1), index: tile.index) else {
            outcome.lost.append(Lost(file: tile, entries: []))
            return false
        }
        for option in survey.options(tile) where MerkleTree.root(of: option) == expected {
            right[tile] = survey.isStored(option, tile) ? nil : option
            return true
        }
        if let copy, let hashes = try await Self.hashes(tile, in: copy), MerkleTree.root(of: hashes) == expected {
            right.offerCopy(tile, hashes)
            right[tile] = hashes
            return true
        }
        outcome.lost.append(Lost(file: tile, entries: []))
        return false
    }

    private mutating func placeTiles() throws {
        for (tile, hashes) in right.all where !survey.isStored(hashes, tile) {
            try place(
                tile, unsafe hashes.withUnsafeRow { unsafe Array($0) }, right.isCopied(tile, hashes) ? .copy : .ledger)
        }
    }

    /// As much of it as belongs to this tree, also of a wider one.
    package static func hashes(_ tile: TilePath, in copy: Copy) async throws -> [SHA256Digest]? {
        for candidate in tile.isPartial ? [tile, tile.full] : [tile] {
            guard let bytes = try await copy(candidate), bytes.count >= tile.width * SHA256Digest.byteCount else {
                continue
            }
            return SHA256Digest.row(bytes.span.extracting(first: tile.width * SHA256Digest.byteCount))
        }
        return nil
    }

    // MARK: Entries

    /// - Returns: whether any of its entries is there now.
    private mutating func mend(bundle: TilePath, _ proved: ProvedTiles) async throws -> Bool {
        guard let expected = try? proved.leafHashes(ofTile: bundle.index) else { return addUnproved(bundle) }
        var found = Found(expected: expected)
        let stored = try? reader.entries(bundle)
        if let stored { found.take(stored) }
        // Also when the full one stands in for a partial one: what is missing is made below.
        guard !found.isComplete else { return true }
        for other in (stored == nil ? [bundle] : []) + survey.partialBundles(of: bundle) where !found.isComplete {
            if let (bytes, width) = try? reader.bytes(of: other) { found.take(bytes, width: width) }
        }
        var origin = Origin.ledger
        if !found.isComplete, let copy {
            origin = .copy
            for candidate in bundle.isPartial ? [bundle, bundle.full] : [bundle] where !found.isComplete {
                if let bytes = try await copy(candidate) { found.take(bytes, width: candidate.width) }
            }
        }
        guard found.isComplete else {
            let first = bundle.index * Int64(TilePath.fullWidth)
            outcome.lost.append(Lost(file: bundle, entries: found.missing.map { first + Int64($0) }))
            return !found.entries.isEmpty
        }
        try place(bundle, EntryBundle(found.entries).bytes, origin)
        return true
    }

    /// Where no tree can be proved nothing is taken, and nothing is said to be lost but entries that are not there, or
    /// not those whose hashes are.
    private mutating func findUnprovedLost() {
        var missing = 0
        for bundle in TilePath.bundles(forSize: head.size) {
            missing = addUnproved(bundle) ? 0 : missing + 1
            guard missing <= Self.mostMissing else { break }
        }
    }

    /// - Returns: whether any of its entries is there.
    private mutating func addUnproved(_ bundle: TilePath) -> Bool {
        let entries =
            ([bundle] + survey.partialBundles(of: bundle)).compactMap { try? reader.entriesBeforeFault($0) }
            .max { $0.count < $1.count } ?? []
        let stored = TilePath(.hashes(level: 0), index: bundle.index, width: bundle.width)
            .flatMap { try? reader.hashes($0) }
        let first = bundle.index * Int64(TilePath.fullWidth)
        let lost = (0..<bundle.width).filter { position in
            guard entries.indices.contains(position) else { return true }
            return stored.map { $0[position] != MerkleTree.leafHash(entries[position]) } ?? false
        }
        if !lost.isEmpty { outcome.lost.append(Lost(file: bundle, entries: lost.map { first + Int64($0) })) }
        return !entries.isEmpty
    }

    /// Entries that are the ones which were signed over, from wherever they come.
    private struct Found {
        private let expected: [SHA256Digest]
        private var found: [ArraySlice<UInt8>?]

        init(expected: [SHA256Digest]) {
            self.expected = expected
            found = Array(repeating: nil, count: expected.count)
        }

        var missing: [Int] { found.indices.filter { found[$0] == nil } }
        var isComplete: Bool { !found.contains { $0 == nil } }
        var entries: [ArraySlice<UInt8>] { found.compactMap { $0 } }

        mutating func take(_ entries: [ArraySlice<UInt8>]) {
            for (position, entry) in entries.prefix(expected.count).enumerated() { take(entry, at: position) }
        }

        /// A bundle that may have been cut short, have bytes left over or a length with a wrong byte in it.
        mutating func take(_ bytes: [UInt8], width: Int) {
            if let entries = try? EntryBundle(parsing: bytes, width: width).entries { return take(entries) }
            let recovered = EntryBundle.recover(from: bytes, width: min(width, expected.count), where: isExpected)
            for (position, entry) in recovered.enumerated() where found[position] == nil { found[position] = entry }
        }

        private mutating func take(_ entry: ArraySlice<UInt8>, at position: Int) {
            if found[position] == nil, isExpected(entry, at: position) { found[position] = entry }
        }

        private func isExpected(_ entry: ArraySlice<UInt8>, at position: Int) -> Bool {
            MerkleTree.leafHash(entry) == expected[position]
        }
    }

    // MARK: Placing

    private mutating func place(_ file: TilePath, _ bytes: [UInt8], _ origin: Origin) throws {
        let name = "ledger/\(file.path)"
        try damaged.keep(name)
        try folder.replace(name, with: bytes, mode: file.isPartial ? 0o644 : 0o444)
        outcome.mended.append(Mended(file: file, origin: origin))
    }
}

/// The hashes that a repair has found for tiles which are wrong on disk.
private final class RightTiles: @unchecked Sendable {
    // One task repairs, and reads in between.
    private var hashes: [TilePath: [SHA256Digest]] = [:]
    private var copied: [TilePath: [SHA256Digest]] = [:]

    subscript(tile: TilePath) -> [SHA256Digest]? {
        get { hashes[tile] }
        set { hashes[tile] = newValue }
    }

    func offerCopy(_ tile: TilePath, _ hashes: [SHA256Digest]) { copied[tile] = hashes }

    func isCopied(_ tile: TilePath, _ hashes: [SHA256Digest]) -> Bool { copied[tile] == hashes }

    var all: [(TilePath, [SHA256Digest])] { hashes.sorted { $0.key.path < $1.key.path } }
}
