internal import Agreements
internal import TiledLog

/// Finds the restricted documents of a draft, each with its key: a file is the one that was committed to when it has the
/// statement's size and, under a key at hand, its commitment. No plain digest is computed.
struct RestrictedSearch {
    private struct KeyFile {
        let path: String
        let key: DocumentKey
    }

    private let documents: [Document]
    private let draft: String
    private let registry: RegistryFolder
    private let purpose: DraftDocuments.Purpose
    /// Those that were named.
    private let given: [KeyFile]
    /// Paths of keys that have fitted.
    private var fitting: Set<String> = []
    /// Names of documents that were found.
    private var names: Set<String> = []
    private(set) var found: [DocumentCommitment: RestrictedDocument] = [:]

    /// - Parameter keys: files that were named.
    init(
        _ documents: [Document], keys: [String], beside draft: String, registry: RegistryFolder,
        purpose: DraftDocuments.Purpose
    ) throws {
        self.purpose = purpose
        self.documents = documents
        self.draft = draft
        self.registry = registry
        given = try keys.map { KeyFile(path: $0, key: try DocumentKey(path: $0, followingLinks: true)) }
        for (number, file) in given.enumerated() {
            guard let first = given[..<number].first(where: { $0.key.fileBytes == file.key.fileBytes }) else {
                continue
            }
            throw RegistryError(
                .usage,
                first.path == file.path
                    ? "the key \(file.path) is given twice" : "\(first.path) and \(file.path) are the same key",
                hint: "give it once; \(purpose.nothingDone)")
        }
    }

    /// Takes the file for every document that it is; false when it is none.
    mutating func take(_ path: String) throws -> Bool {
        var isOne = false
        for document in documents where document.commitment != nil {
            if try take(path, as: document, keys: keys(of: document)) { isOne = true }
        }
        return isOne
    }

    private mutating func take(_ path: String, as document: Document, keys: [KeyFile]) throws -> Bool {
        guard let commitment = document.commitment,
            Int64(try Files.attributes(path, followingLinks: true).sizeBytes) == document.sizeBytes
        else { return false }
        for file in keys where try DocumentCheck.matches(document, file: path, key: file.key) {
            found[commitment] = RestrictedDocument(path: path, key: file.key)
            fitting.insert(file.path)
            names.insert(document.name)
            return true
        }
        return false
    }

    /// Keys that may be the document's: those that were named, the one beside the draft, and the registry's.
    private func keys(of document: Document) throws -> [KeyFile] {
        var keys = given
        let beside = DraftPlace.keyPath(of: document, draft: draft)
        if Files.kind(beside) == .regular { keys.append(KeyFile(path: beside, key: try DocumentKey(path: beside))) }
        let held = document.commitment.map { registry.fullPath(RegistryFolder.restrictedKeyName($0)) }
        if let held, let key = try? DocumentKey(path: held) { keys.append(KeyFile(path: held, key: key)) }
        return keys
    }

    /// Finds what was not given beside the draft or in the registry.
    ///
    /// - Parameter unknown: files that were given and are no document, to tell what is wrong with them.
    /// - Throws: `RegistryError` unless every restricted document is found, and every key that was named has fitted.
    mutating func findAll(unknown: [String]) throws {
        for document in documents where !names.contains(document.name) {
            if let commitment = document.commitment { try find(document, commitment, unknown) }
        }
        if let stray = given.first(where: { !fitting.contains($0.path) }) {
            throw RegistryError(
                .refused, "\(stray.path) is the key of none of the draft's documents",
                hint: "leave it out, or ask for the right one; \(purpose.nothingDone)")
        }
    }

    private mutating func find(_ document: Document, _ commitment: DocumentCommitment, _ unknown: [String]) throws {
        let keys = try keys(of: document)
        guard !keys.isEmpty else {
            throw RegistryError(
                .unavailable, "the document \(document.name) is restricted, and its key is missing",
                hint: "give it with --key FILE, or put it beside the draft as "
                    + DraftPlace.keyPath(of: document, draft: draft))
        }
        let beside = DraftPlace.beside(DraftPlace.split(draft).folder, document)
        let held = registry.fullPath(RegistryFolder.restrictedName(commitment))
        guard
            let path = [beside, held].first(where: { Files.kind($0) == .regular })
                ?? Self.meant(
                    document, unknown, documents)
        else {
            throw RegistryError(
                .unavailable,
                "the restricted document \(document.name) is not here, \(purpose.reason)",
                hint: "\(purpose.nothingDone); name the file, or put it beside the draft as \(beside): "
                    + "\(document.sizeBytes) bytes, \(commitment.text)")
        }
        guard try take(path, as: document, keys: keys) else {
            throw try differs(path, document, keys: keys.map(\.path))
        }
    }

    /// Of the files that were given and are no document, the one that is meant to be this one.
    private static func meant(_ document: Document, _ unknown: [String], _ documents: [Document]) -> String? {
        let others = Set(documents.map(\.name)).subtracting([document.name])
        let open = unknown.filter { !others.contains(DraftPlace.split($0).name) }
        return open.first { DraftPlace.split($0).name == document.name } ?? open.first
    }

    /// The code that was found says nothing, and is not told.
    private func differs(_ path: String, _ document: Document, keys: [String]) throws -> RegistryError {
        let size = try Files.attributes(path, followingLinks: true).sizeBytes
        guard Int64(size) == document.sizeBytes else {
            return RegistryError(
                .refused,
                "\(path) has other bytes than the restricted document \(document.name) of the statement: "
                    + "\(size) bytes, not \(document.sizeBytes)",
                hint: "\(purpose.nothingDone); ask for the very file that the draft was made with",
                findings: [
                    Finding(
                        "document.size", path: path, expected: String(document.sizeBytes), actual: String(size),
                        "the statement gives another size for the document")
                ])
        }
        return RegistryError(
            .refused,
            "\(path) has other bytes than the restricted document \(document.name) of the statement, or its key is "
                + "not in \(keys.joined(separator: ", "))",
            hint: "\(purpose.nothingDone); ask for the very file that the draft was made with, and for its key",
            findings: [
                Finding(
                    "document.mismatch", path: path, expected: document.commitment?.text,
                    "the document and its key are not those that were committed to")
            ])
    }
}
