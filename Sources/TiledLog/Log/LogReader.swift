package import OpenSSLKit
package import TransparencyLog

/// Reads a tlog-tiles log from a folder. Nothing that it returns has been checked against a tree.
package struct LogReader: Sendable {
    /// The folder with `checkpoint` and `tile/`.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The hashes of a tile; those of a partial one are taken from the full one when only that is there.
    package func hashes(_ tile: TilePath) throws(LogError) -> [SHA256Digest] {
        let (bytes, found) = try read(tile, maximumBytes: TilePath.fullWidth * SHA256Digest.byteCount)
        guard bytes.count == found.width * SHA256Digest.byteCount else {
            throw LogError(
                path: found.path, problem: .malformed("\(bytes.count) bytes, not \(found.width) hashes"))
        }
        return (0..<tile.width).compactMap { position in
            SHA256Digest(bytes[(position * SHA256Digest.byteCount)..<((position + 1) * SHA256Digest.byteCount)])
        }
    }

    /// The entries of a bundle; those of a partial one are taken from the full one when only that is there.
    package func entries(_ bundle: TilePath) throws(LogError) -> [ArraySlice<UInt8>] {
        let (bytes, found) = try read(bundle, maximumBytes: EntryBundle.maximumByteCount)
        do {
            return Array(try EntryBundle(parsing: bytes, width: found.width).entries.prefix(bundle.width))
        } catch {
            throw LogError(path: found.path, problem: .malformed("\(error)"))
        }
    }

    /// The perfect subtrees of a tree of that size, from its tiles: each tile is read once, in the order of asking.
    package func subtrees(size: Int64) -> SubtreeSource {
        var cached: (tile: TilePath, hashes: [SHA256Digest])?
        return { level, index in
            guard let location = SubtreeLocation(level: level, index: index, size: size) else {
                throw MerkleProofError.indexOutOfRange
            }
            if cached?.tile != location.tile { cached = (location.tile, try hashes(location.tile)) }
            guard let hashes = cached?.hashes else { throw MerkleProofError.indexOutOfRange }
            return MerkleTree.root(of: hashes[location.hashes])
        }
    }

    private func read(_ tile: TilePath, maximumBytes: Int) throws(LogError) -> ([UInt8], TilePath) {
        var candidates = [tile]
        // tlog-tiles, Partial tiles: a partial one may go as soon as the full one is there.
        if tile.isPartial { candidates.append(tile.full) }
        for candidate in candidates {
            do {
                return (try Files.read("\(path)/\(candidate.path)", maximumBytes: maximumBytes), candidate)
            } catch {
                guard error.reason == .notFound else { throw LogError(error, path: candidate.path) }
            }
        }
        throw LogError(path: tile.path, problem: .missing)
    }
}
