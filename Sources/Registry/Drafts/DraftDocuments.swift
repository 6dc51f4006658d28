package import Agreements
internal import TiledLog

/// Finds the bytes of a draft's documents: a party must see what it signs.
package struct DraftDocuments {
    /// Where each public document's bytes are, by digest.
    package let files: [ContentDigest: String]

    /// - Parameters:
    ///   - given: files that were named; each must be one of the documents.
    ///   - folder: where the draft lies, which may have them under their names.
    ///   - registry: which may hold them already.
    /// - Throws: `RegistryError` when a document is missing, or its bytes are others than those of the statement.
    package init(of statement: Statement, given: [String], folder: String, registry: RegistryFolder) throws {
        let documents = statement.event.documents
        var files: [ContentDigest: String] = [:]
        for path in given {
            let (document, digest) = try DocumentDescription(path: path, role: .text).read()
            guard documents.contains(where: { $0.digest == digest && $0.sizeBytes == document.sizeBytes }) else {
                throw Self.other(path, actual: digest, documents)
            }
            files[digest] = path
        }
        for document in documents {
            guard let digest = document.digest else {
                try Self.requireRestricted(document)
                continue
            }
            if files[digest] == nil { files[digest] = try Self.find(document, digest, folder, registry) }
        }
        self.files = files
    }

    /// Restricted documents have a commitment in place of a digest: without its key nothing can be compared.
    private static func requireRestricted(_ document: Document) throws {
        throw RegistryError(
            .refused, "the document \(document.name) is restricted, and cannot be checked here",
            hint: "a draft has public documents only")
    }

    private static func other(_ path: String, actual: ContentDigest, _ documents: [Document]) -> RegistryError {
        let name = DraftPlace.split(path).name
        if let meant = documents.first(where: { $0.name == name }) {
            return differs(path, meant, actual: actual)
        }
        return RegistryError(
            .refused, "\(path) is none of the draft's documents",
            hint: "'bitim show DRAFT' lists them with their digests; nothing was signed",
            findings: [Finding("document.unknown", path: path, actual: actual.text, "no document of the draft")])
    }

    private static func differs(_ path: String, _ document: Document, actual: ContentDigest) -> RegistryError {
        RegistryError(
            .refused, "\(path) has other bytes than the document \(document.name) of the statement",
            hint: "nothing was signed; ask for the very file that the draft was made with",
            findings: [
                Finding(
                    "document.mismatch", path: path, expected: document.digest?.text, actual: actual.text,
                    "the document's bytes are not those of the statement")
            ])
    }

    private static func find(
        _ document: Document, _ digest: ContentDigest, _ folder: String, _ registry: RegistryFolder
    ) throws -> String {
        // The name is a plain one: the statement's form sees to it.
        let beside = folder == "." ? document.name : "\(folder)/\(document.name)"
        if Files.kind(beside) == .regular {
            let (found, described) = try DocumentCheck.digest(of: beside)
            guard found == digest, Int64(described) == document.sizeBytes else {
                throw differs(beside, document, actual: found)
            }
            return beside
        }
        if case .present = DocumentCheck.check(document, registry: registry) {
            return registry.fullPath(RegistryFolder.documentName(digest))
        }
        throw RegistryError(
            .unavailable, "the document \(document.name) is not here, so nobody can see what would be signed",
            hint: "give the file, or put it beside the draft: \(document.sizeBytes) bytes, \(digest)")
    }
}
