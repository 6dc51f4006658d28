package import Agreements
internal import TiledLog

/// Finds the bytes of a draft's documents: a party must see what it signs.
package struct DraftDocuments {
    /// What they are looked for; decides nothing but the words of what is missing.
    package enum Purpose: Sendable {
        case signing
        case adding

        var nothingDone: String {
            switch self {
            case .signing: "nothing was signed"
            case .adding: "nothing was added"
            }
        }

        /// Why one has to be here.
        var reason: String {
            switch self {
            case .signing: "so nobody can see what would be signed"
            case .adding: "and an entry is added where its documents are"
            }
        }
    }

    /// Where each public document's bytes are, by digest.
    package let files: [ContentDigest: String]
    /// Where each restricted document's bytes are, with its key.
    package let restricted: [DocumentCommitment: RestrictedDocument]

    /// - Parameters:
    ///   - given: files that were named; each must be one of the documents.
    ///   - keys: files of keys that were named; each must be that of one of the restricted documents.
    ///   - draft: the draft's file, beside which documents may lie under their names, and their keys.
    ///   - registry: which may hold them already.
    /// - Throws: `RegistryError` when a document or its key is missing, or its bytes are others than those of the
    ///   statement.
    package init(
        of statement: Statement, given: [String], keys: [String] = [], beside draft: String, registry: RegistryFolder,
        purpose: Purpose = .signing
    ) throws {
        let documents = statement.event.documents
        let folder = DraftPlace.split(draft).folder
        var search = try RestrictedSearch(documents, keys: keys, beside: draft, registry: registry, purpose: purpose)
        var files: [ContentDigest: String] = [:]
        var unknown: [String] = []
        for path in given {
            let description = DocumentDescription(path: path, role: .text)
            let size = try description.sizeBytes()
            if try search.take(path) { continue }
            // What may be restricted has no digest taken without need.
            if documents.contains(where: { $0.digest != nil && $0.sizeBytes == size }) {
                let digest = try description.read().digest
                if documents.contains(where: { $0.digest == digest && $0.sizeBytes == size }) {
                    files[digest] = path
                    continue
                }
            }
            unknown.append(path)
        }
        try search.findAll(unknown: unknown)
        if let path = unknown.first { throw try Self.other(path, documents, purpose) }
        for document in documents {
            guard let digest = document.digest, files[digest] == nil else { continue }
            files[digest] = try Self.find(document, digest, folder, registry, purpose)
        }
        self.files = files
        restricted = search.found
    }

    private static func other(
        _ path: String, _ documents: [Document], _ purpose: Purpose
    ) throws -> RegistryError {
        // The file may be meant to be a restricted one: then its digest is not for a terminal or a log.
        let isOpen = documents.allSatisfy { $0.commitment == nil }
        let actual = isOpen ? try DocumentDescription(path: path, role: .text).read().digest : nil
        let name = DraftPlace.split(path).name
        if let meant = documents.first(where: { $0.name == name }) {
            return differs(path, meant, actual: actual, purpose)
        }
        return RegistryError(
            .refused, "\(path) is none of the draft's documents",
            hint: isOpen
                ? "'bitim show DRAFT' lists them with their digests; \(purpose.nothingDone)"
                : "'bitim show DRAFT' lists them; a restricted one is known by its key; \(purpose.nothingDone)",
            findings: [Finding("document.unknown", path: path, actual: actual?.text, "no document of the draft")])
    }

    private static func differs(
        _ path: String, _ document: Document, actual: ContentDigest?, _ purpose: Purpose
    ) -> RegistryError {
        RegistryError(
            .refused, "\(path) has other bytes than the document \(document.name) of the statement",
            hint: "\(purpose.nothingDone); ask for the very file that the draft was made with",
            findings: [
                Finding(
                    "document.mismatch", path: path, expected: document.digest?.text ?? document.commitment?.text,
                    actual: actual?.text, "the document's bytes are not those of the statement")
            ])
    }

    private static func find(
        _ document: Document, _ digest: ContentDigest, _ folder: String, _ registry: RegistryFolder,
        _ purpose: Purpose
    ) throws -> String {
        let beside = DraftPlace.beside(folder, document)
        if Files.kind(beside) == .regular {
            guard Int64(try Files.attributes(beside).sizeBytes) == document.sizeBytes else {
                throw differs(beside, document, actual: nil, purpose)
            }
            let (found, described) = try DocumentCheck.digest(of: beside)
            guard found == digest, Int64(described) == document.sizeBytes else {
                throw differs(beside, document, actual: found, purpose)
            }
            return beside
        }
        if case .present = DocumentCheck.check(document, registry: registry) {
            return registry.fullPath(RegistryFolder.documentName(digest))
        }
        throw RegistryError(
            .unavailable, "the document \(document.name) is not here, \(purpose.reason)",
            hint: "\(purpose.nothingDone); name the file, or put it beside the draft as \(beside): "
                + "\(document.sizeBytes) bytes, \(digest)")
    }
}
