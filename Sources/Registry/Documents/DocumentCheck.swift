package import Agreements
internal import OpenSSLKit
internal import TiledLog

/// Whether a registry holds the documents that its entries name.
package enum DocumentCheck {
    package enum Outcome: Sendable {
        case present
        case missing
        /// Committed to, not named by digest: nothing to compare without its key.
        case restricted
        case wrong(Finding)
    }

    /// The digest and the size of a file, read in a stream.
    package static func digest(of path: String, followingLinks: Bool = false) throws -> (
        digest: ContentDigest, sizeBytes: Int
    ) {
        var hasher = SHA256Hasher()
        let size = try Files.stream(path, followingLinks: followingLinks) { hasher.update($0) }
        return (ContentDigest(hasher.finalize()), size)
    }

    package static func check(_ document: Document, registry: RegistryFolder) -> Outcome {
        guard let expected = document.digest else { return .restricted }
        let name = RegistryFolder.documentName(expected)
        do {
            let (actual, size) = try digest(of: registry.fullPath(name))
            guard actual == expected else {
                return .wrong(
                    Finding(
                        "document.mismatch", path: name, expected: expected.text, actual: actual.text,
                        "the document's bytes are not those that were signed"))
            }
            guard Int64(size) == document.sizeBytes else {
                return .wrong(
                    Finding(
                        "document.size", path: name, expected: String(document.sizeBytes), actual: String(size),
                        "the statement gives another size for the document"))
            }
            return .present
        } catch let error as FileError where error.reason == .notFound {
            return .missing
        } catch {
            return .wrong(Finding("document.unreadable", path: name, "\(error)"))
        }
    }

    /// What an audit says of an outcome; nil when all is well.
    package static func finding(_ outcome: Outcome, _ document: Document, entry: Int64, agreement: String?) -> Finding?
    {
        switch outcome {
        case .present:
            nil
        case .restricted:
            Finding(
                "document.restricted", .indeterminate, entry: entry, agreement: agreement,
                expected: document.commitment?.text,
                "the document \(document.name) is restricted: its commitment cannot be checked without its key")
        case .missing:
            Finding(
                "document.missing", .indeterminate, entry: entry, agreement: agreement,
                path: document.digest.map(RegistryFolder.documentName), expected: document.digest?.text,
                "the document \(document.name) is not held")
        case .wrong(let finding):
            Finding(
                finding.key, finding.severity, entry: entry, agreement: agreement, path: finding.path,
                expected: finding.expected, actual: finding.actual, finding.message)
        }
    }
}
