package import Agreements
internal import OpenSSLKit
internal import TiledLog

/// A restricted document at hand: where its bytes are, and the key under which it is committed to.
package struct RestrictedDocument: Sendable {
    package let path: String
    package let key: DocumentKey

    package init(path: String, key: DocumentKey) {
        self.path = path
        self.key = key
    }

    package func matches(_ document: Document) throws -> Bool {
        try DocumentCheck.matches(document, file: path, key: key)
    }
}

extension AgreementRegistered {
    /// Whether this registration says what a known one says, about the same restricted documents: their commitments
    /// differ, for each has a key of its own, so a file is held against the known one under the key that is kept here.
    ///
    /// - Parameter restricted: where the bytes of this one's restricted documents are.
    package func isSame(
        as known: AgreementRegistered, restricted: [DocumentCommitment: RestrictedDocument], registry: RegistryFolder
    ) -> Bool {
        guard self != known else { return true }
        guard documents.count == known.documents.count else { return false }
        var adopted: [Document] = []
        var isHeld: [() -> Bool] = []
        for (mine, theirs) in zip(documents, known.documents) {
            guard let commitment = mine.commitment, let source = restricted[commitment]?.path,
                let known = theirs.commitment
            else {
                adopted.append(mine)
                continue
            }
            adopted.append(mine.committed(to: known))
            isHeld.append {
                let name = RegistryFolder.restrictedKeyName(known)
                guard let key = try? DocumentKey(path: registry.fullPath(name)) else { return false }
                return (try? DocumentCheck.matches(theirs, file: source, key: key)) ?? false
            }
        }
        // Whatever costs no reading first.
        return withDocuments(adopted) == known && isHeld.allSatisfy { $0() }
    }

    private func withDocuments(_ documents: [Document]) -> AgreementRegistered {
        AgreementRegistered(
            title: title, titleStatus: titleStatus, kind: kind, binding: binding, field: field, parties: parties,
            concluded: concluded, languages: languages, relations: relations, term: term, reference: reference,
            documents: documents, sources: sources, notes: notes)
    }
}

extension Document {
    fileprivate func committed(to commitment: DocumentCommitment) -> Document {
        Document(
            name: name, role: role, languages: languages, keeper: keeper, mediaType: mediaType, sizeBytes: sizeBytes,
            access: access, commitment: commitment)
    }
}

extension RegistryFolder {
    /// Copies restricted documents and their keys to their places. Durable at the next barrier.
    ///
    /// - Throws: when the bytes of one are not those that were committed to; nothing of any is left then.
    func placeRestricted(_ sources: [DocumentCommitment: RestrictedDocument]) throws {
        var placed: [DocumentCommitment] = []
        do {
            for (commitment, source) in sources where try place(commitment, source) { placed.append(commitment) }
        } catch {
            for commitment in placed {
                restrictedFiles.remove(Self.restrictedName(commitment))
                restrictedFiles.remove(Self.restrictedKeyName(commitment))
            }
            throw error
        }
    }

    /// False when document and key were held already.
    private func place(_ commitment: DocumentCommitment, _ source: RestrictedDocument) throws -> Bool {
        let name = Self.restrictedName(commitment)
        let keyName = Self.restrictedKeyName(commitment)
        if try isOfSameSize(name, source.path),
            let held = try? DocumentKey(path: fullPath(keyName)),
            try held.commitment(to: fullPath(name)).commitment == commitment
        {
            return false
        }
        // First, for its parents are made for everyone.
        try files.makeFolder(fullPath(Self.restrictedFolder), mode: 0o700)
        var code = try source.key.code()
        let placed = try restrictedFiles.placeCopy(name, of: source.path, mode: 0o600) {
            code.update($0)
        } isWanted: {
            DocumentCommitment(code: code.finalize()) == commitment
        }
        guard placed else {
            throw RegistryError(
                .conflict,
                "\(source.path) is not what was committed to under its key, or has changed since it was read",
                hint: "nothing was added; give the very file and its key, and try again")
        }
        try restrictedFiles.place(keyName, source.key.fileBytes, mode: 0o600)
        return true
    }
}
