package import Agreements

/// The files that are given with an event: what its statement says of them, and where their bytes are.
package struct GivenDocuments {
    package private(set) var documents: [Document] = []
    /// Public ones.
    package private(set) var files: [ContentDigest: String] = [:]
    /// Restricted ones, with a new key each.
    package private(set) var restricted: [DocumentCommitment: RestrictedDocument] = [:]

    package init() {}

    /// Reads the file.
    package mutating func add(_ description: DocumentDescription, access: Document.Access) throws {
        switch access {
        case .public:
            let (document, digest) = try description.read()
            documents.append(document)
            files[digest] = description.path
        case .restricted:
            let (document, source) = try description.readRestricted(beside: documents.map(\.name))
            documents.append(document)
            if let commitment = document.commitment { restricted[commitment] = source }
        }
        try requireApart()
    }

    /// One document cannot be both: its digest beside its commitment would give it away.
    private func requireApart() throws {
        for document in documents {
            guard let commitment = document.commitment, let source = restricted[commitment] else { continue }
            for other in documents where other.sizeBytes == document.sizeBytes {
                guard let path = other.digest.flatMap({ files[$0] }),
                    try source.key.commitment(to: path, followingLinks: true).commitment == commitment
                else { continue }
                throw RegistryError(
                    .usage, "\(path) and \(source.path) are the same document, public and restricted",
                    hint: "give it once: a digest beside a commitment would tell what is restricted")
            }
        }
    }
}
