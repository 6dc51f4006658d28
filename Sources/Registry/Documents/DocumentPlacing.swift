internal import Agreements
internal import OpenSSLKit
internal import TiledLog

extension RegistryFolder {
    /// The document has to be there with the size that was signed. A given file's bytes are checked as it is copied.
    func requireDocument(_ document: Document, source: String?) throws {
        guard let source else {
            guard case .present = DocumentCheck.check(document, registry: self) else {
                throw RegistryError(
                    .unavailable,
                    "the document \(document.name) (\(document.digest?.text ?? document.commitment?.text ?? "")) is not here",
                    hint: document.digest != nil
                        ? "an entry is registered together with its public documents: give the file"
                        : "an entry is registered where its restricted documents and their keys are held: give the file"
                )
            }
            return
        }
        let size = try Files.attributes(source, followingLinks: true).sizeBytes
        guard Int64(size) == document.sizeBytes else {
            throw RegistryError(
                .refused, "\(source) has \(size) bytes, and the statement says \(document.sizeBytes)",
                hint: "nothing was added; give the very file that was signed")
        }
    }

    /// Whether it is worth a look if what lies there is the file that is given.
    func isOfSameSize(_ name: String, _ source: String) throws -> Bool {
        guard Files.kind(fullPath(name)) == .regular else { return false }
        return try Files.attributes(fullPath(name)).sizeBytes
            == Files.attributes(source, followingLinks: true).sizeBytes
    }

    /// Copies a document to its place, whose name is its own hash.
    func placeDocument(_ digest: ContentDigest, from source: String) throws {
        let name = Self.documentName(digest)
        if try isOfSameSize(name, source), try DocumentCheck.digest(of: fullPath(name)).digest == digest { return }
        var hasher = SHA256Hasher()
        let placed = try files.placeCopy(name, of: source) {
            hasher.update($0)
        } isWanted: {
            ContentDigest(hasher.finalize()) == digest
        }
        guard placed else {
            throw RegistryError(
                .conflict, "\(source) has changed since it was read", hint: "nothing was added; try again")
        }
    }
}
