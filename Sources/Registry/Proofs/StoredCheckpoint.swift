package import TiledLog
internal import TransparencyLog

/// A published checkpoint with its bytes, as it is handed out: signed by the log, cosigned by the quorum, and of the tree
/// that lies here.
package struct StoredCheckpoint: Sendable {
    let note: SignedNote
    package let publication: Publication

    package var head: TreeHead { publication.head }
    /// The signed note, verbatim.
    package var bytes: [UInt8] { note.bytes }

    /// - Parameter size: of one that is kept in `checkpoints/`; nil for the latest.
    /// - Throws: `RegistryError` when there is none, or when it does not hold.
    package init(_ ledger: OpenedLedger, size: Int64? = nil) throws {
        guard let published = ledger.published else {
            throw RegistryError(
                .unavailable, "no checkpoint has been published yet",
                hint: "'bitim publish' completes what is pending, when the missing witnesses can cosign")
        }
        // The latest is where it always is, whether or not it is among those that are kept.
        let isLatest = size == nil || size == published.head.size
        let name = isLatest ? RegistryFolder.checkpointName : size.flatMap { CheckpointPath(size: $0)?.path }
        guard let name, let bytes = try Self.read(ledger.registry, name) else {
            throw RegistryError(
                .unavailable, "no checkpoint of \(size ?? 0) entries is kept",
                hint: "the sizes are the names of the files in \(ledger.registry.path)/checkpoints")
        }
        do {
            publication = try Publications.judge(bytes, policy: ledger.history.policy(forCheckpoint: bytes))
            note = try SignedNote(parsing: bytes)
        } catch {
            throw RegistryError(.refused, "\(name): \(error)", hint: "see 'bitim audit'")
        }
        guard publication.head.size == size ?? published.head.size, publication.head.size <= published.head.size else {
            throw RegistryError(
                .refused, "\(name) is the checkpoint of \(publication.head.size) entries", hint: "see 'bitim audit'")
        }
        let root = try MerkleTree.root(
            size: publication.head.size, from: ledger.registry.ledger.subtrees(size: published.head.size))
        guard root == publication.head.root else {
            throw RegistryError(
                .refused, "\(name) is not the checkpoint of the tree in \(ledger.registry.path)/ledger",
                hint: "'bitim audit' names what is damaged")
        }
    }

    private static func read(_ registry: RegistryFolder, _ name: String) throws(FileError) -> [UInt8]? {
        do {
            return try Files.read(registry.fullPath(name), maximumBytes: SignedNote.maximumByteCount)
        } catch {
            guard error.reason == .notFound else { throw error }
            return nil
        }
    }
}
