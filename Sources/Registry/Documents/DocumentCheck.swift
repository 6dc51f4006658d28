package import Agreements
internal import OpenSSLKit
internal import TiledLog

/// Whether a registry holds the documents that its entries name.
package enum DocumentCheck {
    package enum Outcome: Sendable {
        case present
        case missing
        /// Restricted, and neither it nor its key is held here, as in every copy that is served.
        case elsewhere
        case wrong(Finding)
    }

    /// The digest and the size of a file, read in a stream.
    package static func digest(
        of path: String, maximumBytes: Int = .max, followingLinks: Bool = false
    ) throws -> (digest: ContentDigest, sizeBytes: Int) {
        var hasher = SHA256Hasher()
        let size = try Files.stream(path, maximumBytes: maximumBytes, followingLinks: followingLinks) {
            hasher.update($0)
        }
        return (ContentDigest(hasher.finalize()), size)
    }

    /// So much is read also of a file that is larger than its statement says: the bytes then tell a false size from other
    /// bytes.
    private static let leastMaximumBytes = 1 << 24

    /// How much of what lies in a document's place is read. Whoever may write there makes it as large as they like, and
    /// what is far larger than the statement says need not be hashed.
    static func maximumBytes(_ document: Document) -> Int {
        max(Int(clamping: document.sizeBytes), leastMaximumBytes)
    }

    /// Whether a file is the restricted document that was committed to, under its key.
    ///
    /// False for a public document, which has no commitment. For whoever signs or reads apart from the registry.
    package static func matches(_ document: Document, file path: String, key: DocumentKey) throws -> Bool {
        guard let commitment = document.commitment else { return false }
        let actual = try key.commitment(to: path, followingLinks: true)
        return actual.commitment == commitment && Int64(actual.sizeBytes) == document.sizeBytes
    }

    package static func check(_ document: Document, registry: RegistryFolder) -> Outcome {
        if let commitment = document.commitment { return check(document, commitment, registry) }
        guard let expected = document.digest else { return .missing }
        let name = RegistryFolder.documentName(expected)
        return check(document, name) {
            let (actual, size) = try digest(of: registry.fullPath(name), maximumBytes: maximumBytes(document))
            guard actual == expected else {
                return .wrong(
                    Finding(
                        "document.mismatch", path: name, expected: expected.text, actual: actual.text,
                        "the document's bytes are not those that were signed"))
            }
            return sizeFinding(document, name, size).map(Outcome.wrong) ?? .present
        }
    }

    private static func check(
        _ document: Document, _ commitment: DocumentCommitment, _ registry: RegistryFolder
    ) -> Outcome {
        let name = RegistryFolder.restrictedName(commitment)
        let keyName = RegistryFolder.restrictedKeyName(commitment)
        guard Files.kind(registry.fullPath(keyName)) != nil else {
            guard Files.kind(registry.fullPath(name)) != nil else { return .elsewhere }
            return .wrong(
                Finding(
                    "document.key.missing", .indeterminate, path: keyName, expected: commitment.text,
                    "the document \(document.name) is held without its key, and cannot be checked"))
        }
        let key: DocumentKey
        do {
            key = try DocumentKey(path: registry.fullPath(keyName))
        } catch {
            return .wrong(Finding("document.key.malformed", path: keyName, "the key of a document cannot be read"))
        }
        return check(document, name) {
            let (actual, size) = try key.commitment(
                to: registry.fullPath(name), maximumBytes: maximumBytes(document))
            guard actual == commitment else {
                // The code that was found says nothing: key or document may be the wrong one.
                return .wrong(
                    Finding(
                        "document.mismatch", path: name, expected: commitment.text,
                        "the document and its key are not those that were committed to"))
            }
            return sizeFinding(document, name, size).map(Outcome.wrong) ?? .present
        }
    }

    private static func check(_ document: Document, _ name: String, _ body: () throws -> Outcome) -> Outcome {
        do {
            return try body()
        } catch let error as FileError where error.reason == .notFound {
            return .missing
        } catch let error as FileError where error.reason.isTooLarge {
            return .wrong(
                Finding(
                    "document.mismatch", path: name, expected: document.digest?.text ?? document.commitment?.text,
                    "the document's bytes are not those that were signed: there are more than \(document.sizeBytes)"))
        } catch {
            return .wrong(Finding("document.unreadable", path: name, "\(error)"))
        }
    }

    /// What is wrong with the size that a statement gives for a document whose bytes are known to be right; nil when
    /// nothing is, or the file has gone meanwhile.
    static func sizeFault(of document: Document, registry: RegistryFolder) -> Finding? {
        let name =
            document.digest.map(RegistryFolder.documentName) ?? document.commitment.map(RegistryFolder.restrictedName)
        guard let name, let size = (try? Files.attributes(registry.fullPath(name)))?.sizeBytes else { return nil }
        return sizeFinding(document, name, size)
    }

    private static func sizeFinding(_ document: Document, _ name: String, _ size: Int) -> Finding? {
        guard Int64(size) != document.sizeBytes else { return nil }
        return Finding(
            "document.size", path: name, expected: String(document.sizeBytes), actual: String(size),
            "the statement gives another size for the document")
    }

    /// What is said of an outcome; nil when all is well.
    ///
    /// - Parameter elsewhere: how much it matters that a restricted document is not held here.
    package static func finding(
        _ outcome: Outcome, _ document: Document, entry: Int64, agreement: String?, elsewhere: Finding.Severity
    ) -> Finding? {
        switch outcome {
        case .present:
            nil
        case .elsewhere:
            Finding(
                "document.restricted", elsewhere, entry: entry, agreement: agreement,
                expected: document.commitment?.text,
                "the document \(document.name) is restricted and not held here: it is not checked")
        case .missing:
            Finding(
                "document.missing", .indeterminate, entry: entry, agreement: agreement,
                path: document.digest.map(RegistryFolder.documentName)
                    ?? document.commitment.map(RegistryFolder.restrictedName),
                expected: document.digest?.text ?? document.commitment?.text,
                document.digest != nil
                    ? "the document \(document.name) is not held"
                    : "the document \(document.name) is not held, though its key is")
        case .wrong(let finding):
            Finding(
                finding.key, finding.severity, entry: entry, agreement: agreement, path: finding.path,
                expected: finding.expected, actual: finding.actual, finding.message)
        }
    }
}
