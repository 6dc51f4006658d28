internal import Synchronization
internal import TiledLog
internal import TransparencyLog

/// `checkpoints/` of a large registry, of which a file is read when it is asked for. Their names give the sizes.
///
/// Only those of the tree itself count: where it was as large, it must have had their root.
final class PublicationFolder: Sendable {
    private let registry: RegistryFolder
    private let history: RegistryHistory
    private let tiles: ProvedTiles
    private struct Known {
        var publications: [Int64: Publication?] = [:]
        var findings: [Finding] = []
    }
    private let known = Mutex(Known())
    /// The sizes of which there is a file, whether it holds or not.
    let sizes: CheckpointSizes

    init(_ registry: RegistryFolder, history: RegistryHistory, tiles: ProvedTiles) {
        self.registry = registry
        self.history = history
        self.tiles = tiles
        sizes = CheckpointSizes(registry)
    }

    /// What is wrong with those that were read.
    var findings: [Finding] { known.withLock { $0.findings } + sizes.findings }

    /// The checkpoint of that size; nil when there is none, or it does not hold.
    func publication(ofSize size: Int64) -> Publication? {
        if let publication = known.withLock({ $0.publications[size] }) { return publication }
        guard let path = CheckpointPath(size: size)?.path, Files.kind(registry.fullPath(path)) != nil else {
            return nil
        }
        let (publication, finding) = Publications.read(path, size: size, registry, history)
        let isOfTree = publication.map { (try? tiles.root(size: size)) == $0.head.root } ?? false
        known.withLock {
            $0.publications[size] = isOfTree ? publication : .some(nil)
            if let finding { $0.findings.append(finding) }
        }
        return isOfTree ? publication : nil
    }

    /// The first one of at least that size.
    func first(from size: Int64) -> Publication? {
        var next = size
        while let found = sizes.first(from: next),
            found <= tiles.head.size
        {
            if let publication = publication(ofSize: found) { return publication }
            next = found + 1
        }
        return nil
    }
}
