package import Agreements
internal import TiledLog

/// A file that is to come with an event, before it has been read.
package struct DocumentDescription {
    package let path: String
    package let name: String?
    package let role: Document.Role
    package let languages: [LanguageTag]
    package let keeper: PartyID?
    package let mediaType: String?

    package init(
        path: String, name: String? = nil, role: Document.Role, languages: [LanguageTag] = [], keeper: PartyID? = nil,
        mediaType: String? = nil
    ) {
        self.path = path
        self.name = name
        self.role = role
        self.languages = languages
        self.keeper = keeper
        self.mediaType = mediaType
    }

    /// Reads the file in a stream: its digest and size.
    package func read() throws -> (document: Document, digest: ContentDigest) {
        let digest: ContentDigest
        let size: Int
        do {
            (digest, size) = try DocumentCheck.digest(of: path, followingLinks: true)
        } catch let error as FileError {
            let hint =
                switch error.reason {
                case .notFound: "check the path of the document"
                case .notRegular: "a document is one file: put a folder into an archive first"
                default: "check that the file can be read"
                }
            throw RegistryError(.unavailable, "\(error)", hint: hint)
        }
        guard size > 0 else {
            throw RegistryError(.usage, "\(path) is empty", hint: "a document has at least one byte")
        }
        let fileName = name ?? String(path.split(separator: "/").last ?? "")
        let document = Document(
            name: fileName, role: role, languages: languages, keeper: keeper,
            mediaType: mediaType ?? Self.mediaType(of: fileName), sizeBytes: Int64(size), access: .public,
            digest: digest)
        return (document, digest)
    }

    private static func mediaType(of name: String) -> String {
        let known = [
            "pdf": "application/pdf", "md": "text/markdown", "txt": "text/plain", "html": "text/html",
            "xml": "application/xml", "json": "application/json", "csv": "text/csv", "png": "image/png",
            "jpg": "image/jpeg", "jpeg": "image/jpeg", "tif": "image/tiff", "tiff": "image/tiff",
            "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "odt": "application/vnd.oasis.opendocument.text", "p7s": "application/pkcs7-signature",
            "p7m": "application/pkcs7-mime", "zip": "application/zip",
        ]
        guard let dot = name.lastIndex(of: ".") else { return "application/octet-stream" }
        return known[name[name.index(after: dot)...].lowercased()] ?? "application/octet-stream"
    }
}
