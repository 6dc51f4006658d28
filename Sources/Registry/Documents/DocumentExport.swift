package import Agreements
internal import OpenSSLKit
internal import TiledLog

/// Hands a document of an agreement out of the registry, with its key when it is restricted.
package struct DocumentExport {
    package let document: Document
    /// Of the entry that names it.
    package let entry: JudgedEntry
    private let registry: RegistryFolder

    package var isRestricted: Bool { document.access == .restricted }

    /// - Parameters:
    ///   - name: of the document, as its entry has it.
    ///   - index: of the entry, where several of the agreement have a document of that name.
    package init(_ name: String, of agreement: AgreementID, entry index: Int64?, in reading: RegistryReading) throws {
        let named = reading.judged.filter {
            $0.entry.statement?.agreement == agreement && (index == nil || $0.index == index)
        }.flatMap { judged in
            (judged.entry.statement?.event.documents ?? []).filter { $0.name == name }.map { (judged, $0) }
        }
        guard let (entry, document) = named.first else {
            throw RegistryError(
                .unavailable, "\(agreement) has no document called \(name)\(index.map { " in entry \($0)" } ?? "")",
                hint: "'bitim show \(agreement)' names its documents")
        }
        let contents = Set(named.map { $0.1.digest?.text ?? $0.1.commitment?.text })
        guard contents.count == 1 else {
            throw RegistryError(
                .usage, "several entries of \(agreement) have a document called \(name)",
                hint: "say which with --entry: \(named.map { String($0.0.index) }.joined(separator: ", "))")
        }
        self.entry = entry
        self.document = document
        registry = reading.ledger.registry
    }

    private var source: String {
        registry.fullPath(
            document.digest.map(RegistryFolder.documentName)
                ?? document.commitment.map(RegistryFolder.restrictedName) ?? "")
    }

    /// Hands over the bytes of a public document.
    package func stream(_ body: (ArraySlice<UInt8>) -> Void) throws {
        try requireHeld()
        try Files.stream(source) { body($0) }
    }

    /// Writes the document to a file that must not be there yet, and the key of a restricted one to `<name>.key` beside
    /// it; both then are their owner's alone.
    package func write(to name: String, in folder: String) throws {
        try requireHeld()
        let files = DurableFolder(path: folder, temporaryFolder: folder)
        do {
            guard let commitment = document.commitment else {
                var hasher = SHA256Hasher()
                let isWritten = try files.createCopy(name, of: source) {
                    hasher.update($0)
                } isWanted: {
                    ContentDigest(hasher.finalize()) == document.digest
                }
                return try requireWritten(isWritten)
            }
            let key = try DocumentKey(path: registry.fullPath(RegistryFolder.restrictedKeyName(commitment)))
            let keyName = name + ".key"
            guard Files.kind(files.fullPath(name)) == nil else {
                throw FileError(path: files.fullPath(name), operation: "create", reason: .exists)
            }
            try files.create(keyName, with: key.fileBytes, mode: 0o600)
            do {
                var code = try key.code()
                let isWritten = try files.createCopy(name, of: source, mode: 0o600) {
                    code.update($0)
                } isWanted: {
                    DocumentCommitment(code: code.finalize()) == commitment
                }
                try requireWritten(isWritten)
            } catch {
                files.remove(keyName)
                throw error
            }
        } catch let error as FileError where error.reason == .exists {
            throw RegistryError(.conflict, "\(error)", hint: "nothing is overwritten: name another file with -o")
        }
    }

    private func requireWritten(_ isWritten: Bool) throws {
        guard !isWritten else { return }
        throw RegistryError(.conflict, "\(source) has changed while it was read", hint: "see 'bitim audit'")
    }

    /// Nothing is handed out that is not what was signed.
    private func requireHeld() throws {
        let outcome = DocumentCheck.check(document, registry: registry)
        let finding = DocumentCheck.finding(
            outcome, document, entry: entry.index, agreement: entry.entry.statement?.agreement?.text,
            elsewhere: .indeterminate)
        guard let finding else { return }
        throw RegistryError(
            finding.severity == .failed ? .refused : .unavailable, finding.message,
            hint: isRestricted ? "a restricted document is where its parties keep it" : "see 'bitim audit'",
            findings: [finding])
    }
}
