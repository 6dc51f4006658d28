internal import Agreements
internal import OpenSSLKit
internal import TiledLog
internal import TransparencyLog

/// Brings the files of one tree from where it is served into a copy that has a smaller one, each held against the root or
/// against its own name. Whether the entries obey the rules is checked after it, by an audit.
struct CopyTransfer {
    let registry: RegistryFolder
    let source: RegistrySource
    /// What the copy has; empty for a new one.
    let own: TreeHead
    let head: TreeHead
    /// What entry 0 has to be.
    let identity: ContentDigest
    /// Other trees that the log has signed, not larger than the head, which it must continue too.
    var known: [TreeHead] = []

    enum Outcome {
        /// Everything has its place.
        case placed(documents: Int)
        case inconsistent(ProvedTiles)
        case refused([Finding])
    }

    /// - Parameters:
    ///   - published: the checkpoint that publishes the tree, with which the other published ones are fetched; nil for one
    ///     that is pending.
    ///   - progress: told of every entry that has come.
    func run(published: [UInt8]?, progress: CopyProgress?) async throws -> Outcome {
        var needed = NeededFiles()
        let tree = IncomingTree(registry: registry, source: source, own: own, head: head, known: known)
        do {
            let outcome = try await tree.fetch { index, leaf in
                if index == 0, ContentDigest(MerkleTree.leafHash(leaf)) != identity {
                    throw IncomingTree.Refused(findings: [
                        Finding(
                            "identity.mismatch", entry: 0, path: "keys/identity", expected: identity.text,
                            actual: ContentDigest(MerkleTree.leafHash(leaf)).text,
                            "this is not the registry whose identity is pinned")
                    ])
                }
                needed.take(leaf: leaf)
                progress?.report(index - own.size + 1, of: head.size - own.size)
            }
            if case .inconsistent(let proved) = outcome { return .inconsistent(proved) }
        } catch let error as IncomingTree.Refused {
            // What is wrong now may be right the next time: it is fetched anew.
            try registry.files.removeAll("\(IncomingTree.folder)/ledger")
            return .refused(error.findings)
        }
        var files = IncomingFiles(registry: registry, source: source)
        try await files.fetchCertificates(needed.certificates)
        try await files.fetchDocuments(needed.documents)
        if let published {
            try await files.fetchCheckpoints(from: own.size, to: head, named: needed.treeSizes, known: published)
        }
        guard files.findings.isEmpty else { return .refused(files.findings) }
        try files.place(tree, for: head)
        if published != nil { try placePromised() }
        try registry.files.barrier()
        return .placed(documents: files.documentCount)
    }

    /// Partial tiles and bundles of published sizes whose full ones are not there yet: beginnings of those of this tree.
    private func placePromised() throws {
        let sizes = CheckpointSizes(registry)
        let partials = try PartialTiles(folder: registry.files, head: head)
        let width = Int64(TilePath.fullWidth)
        var size = sizes.first(from: head.size / width * width + 1)
        while let next = size, next < head.size {
            for (tile, bytes) in partials.wrong(ofSize: next) { try registry.files.place("ledger/\(tile.path)", bytes) }
            size = sizes.first(from: next + 1)
        }
    }
}

/// Told how many entries have come of how many.
package struct CopyProgress: Sendable {
    private let update: @Sendable (Int64, Int64) -> Void

    package init(_ update: @escaping @Sendable (Int64, Int64) -> Void) { self.update = update }

    func report(_ count: Int64, of total: Int64) { update(count, total) }
}
