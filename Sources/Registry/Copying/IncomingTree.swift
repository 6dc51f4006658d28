internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// The tiles and entries by which a served tree is larger than the copy's own, fetched to a place of their own and held
/// against the root before the copy takes them in.
///
/// Tiles come from the top down, so that each is proved by one that was proved before it, and bundles after them: a bad
/// file is told of when it comes, and not after everything else. What a run that was interrupted had fetched is proved
/// again, and not fetched again.
struct IncomingTree {
    /// What comes of it.
    enum Outcome {
        /// All of it is proved, and lies ready.
        case complete
        /// The served tree does not continue the copy's own.
        case inconsistent(ProvedTiles)
    }

    /// The files served do not lead to the tree that the checkpoint names.
    struct Refused: Error {
        let findings: [Finding]
    }

    static let folder = "state/incoming"

    let registry: RegistryFolder
    let source: RegistrySource
    /// What the copy has.
    let own: TreeHead
    /// What the checkpoint says.
    let head: TreeHead
    /// Other trees that the log has signed, not larger than the head.
    var known: [TreeHead] = []

    private var staged: LogReader { LogReader(path: registry.fullPath("\(Self.folder)/ledger")) }

    private static func stagedName(_ tile: TilePath) -> String { "\(folder)/ledger/\(tile.path)" }

    /// - Parameter taken: handed every entry that the copy does not have, in order, once it is proved to be in the tree.
    /// - Throws: `Refused` where the files are not the tree's.
    func fetch(taken: (Int64, ArraySlice<UInt8>) throws -> Void) async throws -> Outcome {
        let bundles = TilePath.newBundles(from: own.size, to: head.size)
        let proved: ProvedTiles
        do {
            proved = try await provedTiles()
            for earlier in [own] + known where earlier.size > 0 {
                if try proved.root(size: earlier.size) != earlier.root { return .inconsistent(proved) }
            }
        } catch let error as LogError {
            throw Refused(findings: try await culprits(error))
        }
        var findings: [Finding] = []
        let fetch: @Sendable (TilePath) async throws -> [UInt8]? = { bundle in
            for stored in [self.held(bundle), self.stagedBundle(bundle)] {
                if let stored, try self.isProved(stored, bundle, proved) { return stored }
            }
            return try await self.fetchedBundle(bundle)
        }
        try await Fetching.inOrder(bundles, fetch: fetch) { bundle, bytes in
            findings += try take(bundle, bytes, proved, taken)
        }
        guard findings.isEmpty else { throw Refused(findings: findings) }
        return .complete
    }

    /// All tiles that are new, staged and proved.
    private func provedTiles() async throws -> ProvedTiles {
        let stageFolder = "\(Self.folder)/ledger"
        let isResumed = Files.kind(registry.fullPath(stageFolder)) != nil
        do {
            return try await stagedTiles()
        } catch is LogError where isResumed {
            // What an earlier run has staged may have been lost in part when the power went: it is fetched anew.
            try registry.files.removeAll(stageFolder)
            return try await stagedTiles()
        }
    }

    private func stagedTiles() async throws -> ProvedTiles {
        try await stage(TilePath.rightEdge(forSize: head.size))
        let proved = try ProvedTiles(head: head, read: { [self] in try hashes($0) })
        // From the top down: what is above a tile is staged and proved before it is.
        for level in (1...7).reversed() {
            try await stage(TilePath.newTiles(level: level, from: own.size, to: head.size)) { tile in
                guard !tile.isPartial else { return }
                _ = try proved.subtree(level: 8 * level, index: tile.index * Int64(TilePath.fullWidth))
            }
        }
        try await stage(TilePath.newTiles(level: 0, from: own.size, to: head.size)) { tile in
            _ = try proved.leafHashes(ofTile: tile.index)
        }
        return proved
    }

    /// The tiles and bundles that are new, in the order in which they may be given their places.
    var names: [TilePath] {
        Array(TilePath.newBundles(from: own.size, to: head.size))
            + Array(TilePath.newTiles(from: own.size, to: head.size))
    }

    /// Gives all that was proved its place. Durable at the next barrier.
    func place() throws {
        for tile in names {
            guard isStaged(tile) else { continue }
            let mode: UInt32 = tile.isPartial ? 0o644 : 0o444
            try registry.files.adopt(Self.stagedName(tile), as: "ledger/\(tile.path)", mode: mode)
        }
    }

    // MARK: Bundles

    /// What an earlier run has placed already: of a tree that is pending, or that did not come to its end.
    private func held(_ bundle: TilePath) -> [UInt8]? {
        try? Files.read(registry.fullPath("ledger/\(bundle.path)"), maximumBytes: EntryBundle.maximumByteCount)
    }

    private func isProved(_ bytes: [UInt8], _ bundle: TilePath, _ proved: ProvedTiles) throws -> Bool {
        guard let entries = try? EntryBundle(parsing: bytes, width: bundle.width).entries else { return false }
        var hasher = SHA256Hasher()
        for (entry, expected) in zip(entries, try proved.leafHashes(ofTile: bundle.index))
        where MerkleTree.leafHash(entry, using: &hasher) != expected { return false }
        return true
    }

    private func take(
        _ bundle: TilePath, _ bytes: [UInt8]?, _ proved: ProvedTiles, _ taken: (Int64, ArraySlice<UInt8>) throws -> Void
    ) throws -> [Finding] {
        guard let bytes else { return [LogError(path: bundle.path, problem: .missing).finding] }
        let entries: [ArraySlice<UInt8>]
        do throws(EntryBundleError) {
            entries = try Self.entries(bytes, of: bundle)
        } catch {
            return [LogError(path: bundle.path, problem: .malformed("\(error)")).finding]
        }
        let first = bundle.index * Int64(TilePath.fullWidth)
        var hasher = SHA256Hasher()
        var findings: [Finding] = []
        for (position, (entry, expected)) in zip(entries, try proved.leafHashes(ofTile: bundle.index)).enumerated() {
            let hash = MerkleTree.leafHash(entry, using: &hasher)
            guard hash == expected else {
                findings.append(
                    Finding(
                        "entry.mismatch", entry: first + Int64(position), path: "ledger/\(bundle.path)",
                        expected: expected.hex, actual: hash.hex, "the entry is not the one that was signed over"))
                continue
            }
        }
        guard findings.isEmpty else { return findings }
        // Of a full one that has come in the place of a partial one, as much as belongs to this tree.
        try registry.files.place(Self.stagedName(bundle), EntryBundle(entries).bytes)
        for (position, entry) in entries.enumerated() where first + Int64(position) >= own.size {
            try taken(first + Int64(position), entry)
        }
        return []
    }

    /// Of a bundle, or of the full one that has come in its place.
    private static func entries(_ bytes: [UInt8], of bundle: TilePath) throws(EntryBundleError) -> [ArraySlice<UInt8>] {
        do throws(EntryBundleError) {
            return try EntryBundle(parsing: bytes, width: bundle.width).entries
        } catch {
            guard bundle.isPartial,
                let full = try? EntryBundle(parsing: bytes, width: TilePath.fullWidth).entries
            else { throw error }
            return Array(full.prefix(bundle.width))
        }
    }

    private func stagedBundle(_ bundle: TilePath) -> [UInt8]? {
        try? Files.read(registry.fullPath(Self.stagedName(bundle)), maximumBytes: EntryBundle.maximumByteCount)
    }

    private func fetchedBundle(_ bundle: TilePath) async throws -> [UInt8]? {
        for tile in bundle.isPartial ? [bundle, bundle.full] : [bundle] {
            if let bytes = try await source.fetch(
                "ledger/\(tile.path)", maximumBytes: EntryBundle.maximumByteCount)
            {
                return bytes
            }
        }
        return nil
    }

    // MARK: Tiles

    /// A staged tile, else the copy's own: nothing is believed of either before it is proved.
    private func hashes(_ tile: TilePath) throws -> [SHA256Digest] {
        do {
            return try staged.hashes(tile)
        } catch let error where error.problem == .missing {
            return try registry.ledger.hashes(tile)
        }
    }

    /// Fetches what is not staged yet, a few at a time, and hands each over once it is.
    private func stage(
        _ tiles: some Sequence<TilePath>, staged: (TilePath) throws -> Void = { _ in }
    ) async throws {
        let fetch: @Sendable (TilePath) async throws -> (TilePath, [UInt8])? = { tile in
            isStaged(tile) ? nil : try await fetched(tile)
        }
        try await Fetching.inOrder(tiles, fetch: fetch) { tile, fetched in
            if let (name, bytes) = fetched { try registry.files.place(Self.stagedName(name), bytes) }
            try staged(tile)
        }
    }

    private func isStaged(_ tile: TilePath) -> Bool {
        Files.kind(registry.fullPath(Self.stagedName(tile))) == .regular
    }

    private func fetched(_ tile: TilePath) async throws -> (TilePath, [UInt8])? {
        let maximum = TilePath.fullWidth * SHA256Digest.byteCount
        // tlog-tiles, Partial tiles: a partial one may go as soon as the full one is there.
        for candidate in tile.isPartial ? [tile, tile.full] : [tile] {
            if let bytes = try await source.fetch("ledger/\(candidate.path)", maximumBytes: maximum) {
                // As much of it as belongs to this tree.
                return (tile, Array(bytes.prefix(tile.width * SHA256Digest.byteCount)))
            }
        }
        return nil
    }

    // MARK: What is wrong

    /// More entries than that are not fetched to say which file is wrong.
    private static let mostEntriesToBlame: Int64 = 1 << 20

    /// Which files lead elsewhere: found by computing the new tiles from the entries. In a tree that is wrong somewhere
    /// everything is fetched for that.
    private func culprits(_ error: LogError) async throws -> [Finding] {
        guard case .mismatch = error.problem, head.size - own.size <= Self.mostEntriesToBlame else {
            return [error.finding]
        }
        let bundles = TilePath.newBundles(from: own.size, to: head.size)
        guard var builder = try? TileBuilder(size: own.size, reader: registry.ledger) else { return [error.finding] }
        try await stage(TilePath.newTiles(from: own.size, to: head.size))
        var computed: [TilePath: [SHA256Digest]] = [:]
        var hasher = SHA256Hasher()
        var entryFindings: [Finding] = []
        var fault: Finding?
        try await Fetching.inOrder(bundles, fetch: { try await self.fetchedBundle($0) }) { bundle, bytes in
            guard fault == nil else { return }
            guard let bytes, let entries = try? Self.entries(bytes, of: bundle) else {
                fault = LogError(path: bundle.path, problem: .missing).finding
                return
            }
            let first = bundle.index * Int64(TilePath.fullWidth)
            let inTile = TilePath(.hashes(level: 0), index: bundle.index, width: bundle.width).flatMap {
                try? hashes($0)
            }
            for (position, entry) in entries.enumerated() {
                let hash = MerkleTree.leafHash(entry, using: &hasher)
                if let expected = inTile?[position], expected != hash {
                    entryFindings.append(
                        Finding(
                            "entry.mismatch", entry: first + Int64(position), path: "ledger/\(bundle.path)",
                            expected: expected.hex, actual: hash.hex, "the entry is not the one that was signed over"))
                }
                guard first + Int64(position) >= builder.size else { continue }
                try builder.append(hash, using: &hasher) { computed[$0] = $1 }
            }
        }
        if let fault { return [fault] }
        for (tile, hashes) in builder.partialTiles { computed[tile] = hashes }
        guard builder.range.root == head.root else {
            return entryFindings.isEmpty ? [error.finding] : entryFindings
        }
        // The entries are right, so that whatever differs is a tile.
        let wrong = computed.filter { tile, expected in (try? hashes(tile)) != expected }.keys
        return wrong.map(\.path).sorted().compactMap { path in
            LogError(
                path: path, problem: .mismatch(expected: "the hashes of its entries", actual: "others")
            ).finding
        }
    }
}
