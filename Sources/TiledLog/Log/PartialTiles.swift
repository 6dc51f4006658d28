internal import OpenSSLKit
package import TransparencyLog

/// Partial tiles and bundles of published sizes: needed where the full ones are not there yet, and right where they are.
package struct PartialTiles {
    private let folder: DurableFolder
    private let head: TreeHead
    private let proved: ProvedTiles

    /// - Parameter folder: the registry; the log lies in `ledger/`.
    /// - Throws: `LogError` when the tiles here do not lead to the tree: nothing is made of what is not proved.
    package init(folder: DurableFolder, head: TreeHead) throws {
        self.folder = folder
        self.head = head
        proved = try ProvedTiles(LogReader(path: folder.fullPath("ledger")), head: head)
    }

    private var reader: LogReader { LogReader(path: folder.fullPath("ledger")) }

    /// Those that are missing or wrong, and what they should be.
    package func wrong(ofSize size: Int64) -> [(TilePath, [UInt8])] {
        var edge = TilePath.rightEdge(forSize: size).filter(\.isPartial)
        if let lowest = edge.first, lowest.content == .hashes(level: 0),
            let bundle = TilePath(.entries, index: lowest.index, width: lowest.width)
        {
            edge.append(bundle)
        }
        return edge.compactMap { tile in
            let width = tile.width(inTreeOfSize: head.size)
            let path = folder.fullPath("ledger/\(tile.path)")
            guard width > tile.width, width < TilePath.fullWidth || Files.kind(path) != nil,
                let current = TilePath(tile.content, index: tile.index, width: width),
                let bytes = try? beginning(of: current, width: tile.width),
                (try? Files.read(path, maximumBytes: bytes.count)) != bytes
            else { return nil }
            return (tile, bytes)
        }
    }

    private func beginning(of tile: TilePath, width: Int) throws -> [UInt8] {
        let first = tile.index * Int64(TilePath.fullWidth)
        switch tile.content {
        case .hashes(let level):
            return try (first..<first + Int64(width)).flatMap {
                try proved.subtree(level: 8 * level, index: $0).bytes
            }
        case .entries:
            let entries = try reader.entries(tile).prefix(width)
            for (entry, hash) in zip(entries, try proved.leafHashes(ofTile: tile.index))
            where MerkleTree.leafHash(entry) != hash {
                throw LogError(
                    path: tile.path,
                    problem: .mismatch(expected: hash.hex, actual: MerkleTree.leafHash(entry).hex))
            }
            return try EntryBundle(Array(entries)).bytes
        }
    }
}
