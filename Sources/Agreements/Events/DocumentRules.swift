/// What the name and the media type of a document may be.
enum DocumentRules {
    /// The longest file name of the common file systems, in bytes.
    private static let maximumNameBytes = 255

    // Names are used when documents are exported: none may lead out of a folder, on Windows either.
    static func isFileName(_ name: String) -> Bool {
        (1...maximumNameBytes).contains(name.utf8.count) && name != "." && name != ".."
            && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(UInt8(ascii: "\\"))
    }

    /// A type and a subtype without parameters (RFC 6838, 4.2).
    static func isMediaType(_ text: String) -> Bool {
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else { return false }
        return isMediaName(text.utf8[..<slash]) && isMediaName(text.utf8[text.utf8.index(after: slash)...])
    }

    private static func isMediaName(_ name: Substring.UTF8View) -> Bool {
        guard let first = name.first, name.count <= 127 else { return false }
        return Identifier.isAlphanumeric(first)
            && name.allSatisfy { Identifier.isAlphanumeric($0) || "!#$&-^_.+".utf8.contains($0) }
    }
}
