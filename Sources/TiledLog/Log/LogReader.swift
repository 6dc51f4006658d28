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
        var bytes: [UInt8] = []
        let (count, found) = try read(tile, maximumBytes: TilePath.fullWidth * SHA256Digest.byteCount, into: &bytes)
        guard count == found.width * SHA256Digest.byteCount else {
            throw LogError(path: found.path, problem: .malformed("\(count) bytes, not \(found.width) hashes"))
        }
        return SHA256Digest.row(bytes.span.extracting(first: tile.width * SHA256Digest.byteCount))
    }

    /// The entries of a bundle; those of a partial one are taken from the full one when only that is there.
    package func entries(_ bundle: TilePath) throws(LogError) -> [ArraySlice<UInt8>] {
        var buffer = BundleBuffer()
        try read(bundle, into: &buffer)
        return buffer.entries.map { buffer.bytes[$0] }
    }

    /// The bytes of a bundle that need not be one, and how many entries it should have; of the full one where a partial one
    /// is not there.
    func bytes(of bundle: TilePath) throws(LogError) -> (bytes: [UInt8], width: Int) {
        var bytes: [UInt8] = []
        let (count, found) = try read(bundle, maximumBytes: EntryBundle.maximumByteCount, into: &bytes)
        bytes.removeLast(bytes.count - count)
        return (bytes, found.width)
    }

    /// The entries before the fault of a bundle that is cut short, has a wrong length in it or bytes left over; all of a
    /// sound one.
    package func entriesBeforeFault(_ bundle: TilePath) throws(LogError) -> [ArraySlice<UInt8>] {
        let (bytes, width) = try bytes(of: bundle)
        var entries: [Range<Int>] = []
        try? EntryBundle.locate(width: width, in: bytes.span, into: &entries)
        return entries.prefix(bundle.width).map { bytes[$0] }
    }

    /// Reads a bundle into a buffer that is used again and again; a partial one is taken from the full one when only
    /// that is there.
    package func read(_ bundle: TilePath, into buffer: inout BundleBuffer) throws(LogError) {
        try buffer.fill { (bytes, entries) throws(LogError) in
            let (count, found) = try read(bundle, maximumBytes: EntryBundle.maximumByteCount, into: &bytes)
            do {
                try EntryBundle.locate(
                    width: found.width, in: bytes.span.extracting(first: count), into: &entries)
            } catch {
                throw LogError(path: found.path, problem: .malformed("\(error)"))
            }
            entries.removeLast(entries.count - bundle.width)
        }
    }

    /// The perfect subtrees of a tree of that size, from its tiles, of which those that were read last are kept.
    package func subtrees(size: Int64) -> SubtreeSource {
        let cache = TileCache(self, size: size)
        return { level, index in try cache.root(level: level, index: index) }
    }

    private func read(
        _ tile: TilePath, maximumBytes: Int, into buffer: inout [UInt8]
    ) throws(LogError) -> (count: Int, found: TilePath) {
        do {
            return (try Files.read("\(path)/\(tile.path)", maximumBytes: maximumBytes, into: &buffer), tile)
        } catch {
            guard error.reason == .notFound else { throw LogError(error, path: tile.path) }
            // tlog-tiles, Partial tiles: a partial one may go as soon as the full one is there.
            guard tile.isPartial else { throw LogError(path: tile.path, problem: .missing) }
        }
        let full = tile.full
        do {
            return (try Files.read("\(path)/\(full.path)", maximumBytes: maximumBytes, into: &buffer), full)
        } catch {
            guard error.reason == .notFound else { throw LogError(error, path: full.path) }
            throw LogError(path: tile.path, problem: .missing)
        }
    }
}
