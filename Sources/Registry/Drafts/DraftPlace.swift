package import Agreements
internal import TiledLog

/// A draft's file.
package struct DraftPlace {
    package let path: String
    package let draft: Draft
    /// As they were read.
    private let bytes: [UInt8]

    /// Whether the file means to be a draft; false for what cannot be read.
    package static func isDraft(_ path: String) -> Bool {
        var beginning: [UInt8] = []
        _ = try? Files.stream(path, maximumBytes: DraftFile.maximumBytes, followingLinks: true) { chunk in
            if beginning.count < 256 { beginning += chunk.prefix(256) }
        }
        return DraftFile.isDraft(beginning: beginning)
    }

    package init(_ path: String) throws {
        self.path = path
        bytes = try Self.read(path)
        draft = try Draft(parsing: bytes, name: path)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            try Files.stream(path, maximumBytes: DraftFile.maximumBytes, followingLinks: true) { bytes += $0 }
        } catch {
            throw RegistryError(.unavailable, "\(error)", hint: "name the draft's file; 'bitim add --draft' writes one")
        }
        return bytes
    }

    /// Puts the draft with more signatures in the place of what was read, and of nothing else: a signature that somebody
    /// has added meanwhile is never lost.
    package func replace(with draft: Draft) throws {
        let changed = RegistryError(
            .conflict, "\(path) has changed since it was read", hint: "nothing was written; run the command again")
        guard let lock = try FileLock.acquire(path, patienceSeconds: 5) else { throw changed }
        defer { _ = lock }
        guard try Self.read(path) == bytes else { throw changed }
        let (folder, name) = Self.split(path)
        try DurableFolder(path: folder, temporaryFolder: folder).replace(name, with: draft.bytes)
    }

    /// Writes a draft to a name that must be free.
    package static func create(_ path: String, _ draft: Draft) throws {
        try requireFree(path)
        let (folder, name) = split(path)
        try DurableFolder(path: folder, temporaryFolder: folder).create(name, with: draft.bytes)
    }

    /// Writes a new draft to a name that must be free, and before it the keys of its restricted documents, each to a file
    /// of its own beside it: the draft may travel openly, and a key that is lost cannot be made again.
    ///
    /// - Returns: the paths of the keys.
    package static func create(
        _ path: String, _ draft: Draft, restricted: [DocumentCommitment: RestrictedDocument]
    ) throws -> [String] {
        try requireFree(path)
        let documents = draft.statement.event.documents.filter { $0.commitment != nil }
        let paths = documents.map { keyPath(of: $0, draft: path) }
        let (folder, _) = split(path)
        let files = DurableFolder(path: folder, temporaryFolder: folder)
        var written: [String] = []
        do {
            for (document, keyPath) in zip(documents, paths) {
                guard let source = document.commitment.flatMap({ restricted[$0] }) else {
                    throw RegistryError(
                        .unavailable, "the key of the document \(document.name) is not here",
                        hint: "make the draft from the document itself")
                }
                let name = split(keyPath).name
                try files.create(name, with: source.key.fileBytes, mode: 0o600)
                written.append(name)
            }
            try create(path, draft)
        } catch {
            // Keys of a draft that is not there are good for nothing.
            for name in written { files.remove(name) }
            guard let failure = error as? FileError, failure.reason == .exists else { throw error }
            throw taken(failure.path)
        }
        return paths
    }

    /// Throws unless a draft can be written there.
    package static func requireFree(_ path: String) throws {
        let (folder, name) = split(path)
        guard Files.kind(folder) == .folder else {
            throw RegistryError(.unavailable, "\(folder): no such folder", hint: "make it first")
        }
        guard !name.isEmpty, Files.kind(path) == nil else {
            throw taken(path)
        }
    }

    private static func taken(_ path: String) -> RegistryError {
        RegistryError(
            .conflict, "\(path) is there already", hint: "choose another name: no file is overwritten by a draft")
    }

    /// Where the key of a restricted document lies beside the draft.
    package static func keyPath(of document: Document, draft path: String) -> String {
        "\(path).\(document.name).key"
    }

    /// The keys of its restricted documents that lie beside the draft, as they are written there.
    package static func keyPaths(of draft: Draft, at path: String) -> [String] {
        draft.statement.event.documents.filter { $0.commitment != nil }.map { keyPath(of: $0, draft: path) }
            .filter { Files.kind($0) == .regular }
    }

    /// Where a document lies under its name, in the folder of the draft.
    static func beside(_ folder: String, _ document: Document) -> String {
        // The name is a plain one: the statement's form sees to it.
        folder == "." ? document.name : "\(folder)/\(document.name)"
    }

    /// The folder that a file lies in, and its name there.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = slash == path.startIndex ? "/" : String(path[..<slash])
        return (folder, String(path[path.index(after: slash)...]))
    }
}
