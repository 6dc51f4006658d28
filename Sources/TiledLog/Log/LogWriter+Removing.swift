internal import Glibc
package import TransparencyLog

/// Removing what is no longer needed.
extension LogWriter {
    /// Removes partial tiles and bundles whose full ones are there, after the larger tree is published.
    package func removeSupersededPartials(from oldSize: Int64) throws(FileError) {
        for tile in Array(TilePath.newTiles(from: oldSize, to: head.size))
            + Array(TilePath.newBundles(from: oldSize, to: head.size)) where !tile.isPartial
        {
            try removeFolder("ledger/\(tile.path).p")
        }
    }

    private func removeFolder(_ name: String) throws(FileError) {
        let path = folder.fullPath(name)
        guard Files.kind(path) == .folder else { return }
        try folder.requireFolders(name)
        for file in try Files.names(in: path) where unsafe unlink("\(path)/\(file)") != 0 {
            throw FileError("remove", "\(path)/\(file)")
        }
        guard unsafe rmdir(path) == 0 else { throw FileError("remove", path) }
    }

    /// Removes tiles and bundles beyond the tree, which a process that died before it signed has left behind. They
    /// were never promised to anyone.
    ///
    /// What is looked at does not grow with the tree: the folders from the right edge on.
    ///
    /// - Parameters:
    ///   - publishedSize: of the latest published tree: what could be left of a tree that was pending lies from its
    ///     right edge on. Nil for the tree's own.
    ///   - isPromised: of a partial tile or bundle within the tree, whether it is of a size that was published;
    ///     one of a size that was only pending goes.
    package func removeUnpromised(
        since publishedSize: Int64? = nil, isPromised: (TilePath) -> Bool = { _ in true }
    ) throws(FileError) {
        let size = min(max(0, publishedSize ?? head.size), head.size)
        try removeUnpromised("tile/entries", from: size / Int64(TilePath.fullWidth), isPromised)
        // 256^7 leaves fit into an Int64, 256^8 do not.
        for level in 0...7 {
            let first = (size >> Int64(8 * level)) / Int64(TilePath.fullWidth)
            try removeUnpromised("tile/\(level)", from: first, isPromised)
        }
    }

    /// Looks at every name in a folder that can hold one: within a step nothing is ordered, so that after a power cut a
    /// later tile may be there without an earlier one. But a folder is made, and on disk, before the one after it.
    private func removeUnpromised(
        _ content: String, from first: Int64, _ isPromised: (TilePath) -> Bool
    ) throws(FileError) {
        var thousand = first / 1000
        while true {
            let name = "\(content)/\(GroupedNumber.path(thousand * 1000).dropLast(3))".dropLastSlash
            guard Files.kind(folder.fullPath("ledger/\(name)")) == .folder else { return }
            try folder.requireFolders("ledger/\(name)")
            for entry in try Files.unsortedNames(in: folder.fullPath("ledger/\(name)")) where !entry.hasPrefix("x") {
                guard let digits = Int64(entry.prefix(3)), thousand * 1000 + digits >= first else { continue }
                try removeUnpromised(name, entry, isPromised)
            }
            thousand += 1
        }
    }

    private func removeUnpromised(
        _ name: String, _ entry: String, _ isPromised: (TilePath) -> Bool
    ) throws(FileError) {
        guard entry.hasSuffix(".p") else { return try removeFile("\(name)/\(entry)", isPromised) }
        let path = folder.fullPath("ledger/\(name)/\(entry)")
        guard Files.kind(path) == .folder else { return }
        for width in try Files.unsortedNames(in: path) { try removeFile("\(name)/\(entry)/\(width)", isPromised) }
        // Stays when it still holds something.
        unsafe rmdir(path)
    }

    private func removeFile(_ name: String, _ isPromised: (TilePath) -> Bool) throws(FileError) {
        let path = folder.fullPath("ledger/\(name)")
        guard let tile = TilePath(path: name),
            !tile.isWithin(treeSize: head.size) || tile.isPartial && !isPromised(tile),
            Files.kind(path) == .regular
        else { return }
        guard unsafe unlink(path) == 0 else { throw FileError("remove", path) }
    }
}

extension String {
    fileprivate var dropLastSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
