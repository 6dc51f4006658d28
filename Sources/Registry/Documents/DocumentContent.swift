internal import Agreements

/// A file by all that an entry may name it by as a document.
struct DocumentContent {
    let digest: ContentDigest
    /// Under each of the keys that were given.
    let commitments: Set<DocumentCommitment>
    let sizeBytes: Int

    /// Reads the file.
    ///
    /// - Throws: `RegistryError` when it is empty: nothing to check never passes.
    init(path: String, keys: [DocumentKey]) throws {
        (digest, sizeBytes) = try DocumentCheck.digest(of: path, followingLinks: true)
        guard sizeBytes > 0 else {
            throw RegistryError(.usage, "\(path) is empty", hint: "nothing to check never passes")
        }
        commitments = Set(try keys.map { try $0.commitment(to: path, followingLinks: true).commitment })
    }

    func isContent(of document: Document) -> Bool {
        document.digest == digest || document.commitment.map(commitments.contains) ?? false
    }
}
