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

    /// Reads the file of a public document in a stream: its digest and size.
    package func read() throws -> (document: Document, digest: ContentDigest) {
        let (digest, size) = try reading { try DocumentCheck.digest(of: path, followingLinks: true) }
        let fileName = name ?? String(path.split(separator: "/").last ?? "")
        let document = Document(
            name: fileName, role: role, languages: languages, keeper: keeper,
            mediaType: mediaType ?? Self.mediaType(of: fileName), sizeBytes: Int64(size), access: .public,
            digest: digest)
        return (document, digest)
    }

    /// Reads the file of a restricted document in a stream: its commitment under a new key, and its size.
    ///
    /// - Parameter names: those that the event's documents have already: a restricted one is not called as its file is,
    ///   for that could tell what it is about. Unless it is given a name, it is `document-1`, `document-2` …
    package func readRestricted(beside names: [String]) throws -> (document: Document, source: RestrictedDocument) {
        let key = try DocumentKey.random()
        let (commitment, size) = try reading { try key.commitment(to: path, followingLinks: true) }
        var number = 1
        while names.contains("document-\(number)") { number += 1 }
        let document = Document(
            name: name ?? "document-\(number)", role: role, languages: languages, keeper: keeper,
            mediaType: mediaType ?? "application/octet-stream", sizeBytes: Int64(size), access: .restricted,
            commitment: commitment)
        return (document, RestrictedDocument(path: path, key: key))
    }

    /// The size of the file, which is not read.
    func sizeBytes() throws -> Int64 {
        let (_, size) = try reading { ((), sizeBytes: try Files.attributes(path, followingLinks: true).sizeBytes) }
        return Int64(size)
    }

    private func reading<Content>(_ body: () throws -> (Content, sizeBytes: Int)) throws -> (Content, Int) {
        let content: (Content, sizeBytes: Int)
        do {
            content = try body()
        } catch let error as FileError {
            let hint =
                switch error.reason {
                case .notFound: "check the path of the document"
                case .notRegular: "a document is one file: put a folder into an archive first"
                default: "check that the file can be read"
                }
            throw RegistryError(.unavailable, "\(error)", hint: hint)
        }
        guard content.sizeBytes > 0 else {
            throw RegistryError(.usage, "\(path) is empty", hint: "a document has at least one byte")
        }
        return content
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
