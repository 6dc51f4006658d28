/// A file that comes with an event: known by the digest of its bytes or, when restricted, by a commitment to them.
package struct Document: StatementObject {
    package enum Access: String, Vocabulary {
        case `public`, restricted
    }

    package enum Role: String, Vocabulary {
        case original, text, translation, annex, instrument, signature, record
    }

    package let access: Access
    /// There when `access` is restricted, and only then: a digest would let anyone test a guess.
    package let commitment: DocumentCommitment?
    /// There when `access` is public, and only then.
    package let digest: ContentDigest?
    /// Whose original it is: of a bilateral agreement there are two.
    package let keeper: PartyID?
    package let languages: [LanguageTag]
    package let mediaType: String
    /// A plain file name, once in a statement.
    package let name: String
    package let role: Role
    package let sizeBytes: Int64

    package init(
        name: String,
        role: Role,
        languages: [LanguageTag],
        keeper: PartyID? = nil,
        mediaType: String,
        sizeBytes: Int64,
        access: Access,
        digest: ContentDigest? = nil,
        commitment: DocumentCommitment? = nil
    ) {
        self.name = name
        self.role = role
        self.languages = languages
        self.keeper = keeper
        self.mediaType = mediaType
        self.sizeBytes = sizeBytes
        self.access = access
        self.digest = digest
        self.commitment = commitment
    }

    init(from reader: inout ObjectReader) throws(StatementError) {
        access = try reader.text("access", as: Access.self)
        commitment = try reader.optionalText("commitment", as: DocumentCommitment.self)
        digest = try reader.optionalText("digest", as: ContentDigest.self)
        keeper = try reader.optionalText("keeper", as: PartyID.self)
        languages = try reader.texts("languages", of: LanguageTag.self)
        mediaType = try reader.string("mediaType")
        name = try reader.string("name")
        role = try reader.text("role", as: Role.self)
        sizeBytes = try reader.integer("size")

        try ListRules.requireDistinct(languages, in: "languages") { $0 }
        guard (commitment != nil) == (access == .restricted) else {
            throw StatementError("must be there if access is restricted, and only then", at: "commitment")
        }
        guard (digest != nil) == (access == .public) else {
            throw StatementError("must be there if access is public, and only then", at: "digest")
        }
        guard DocumentRules.isMediaType(mediaType) else {
            throw StatementError("not a media type as in application/pdf", at: "mediaType")
        }
        guard DocumentRules.isFileName(name) else {
            throw StatementError("not a plain file name", at: "name")
        }
    }

    func print(to printer: inout ObjectPrinter) {
        printer.text("access", access)
        printer.text("commitment", commitment)
        printer.text("digest", digest)
        printer.text("keeper", keeper)
        printer.texts("languages", languages)
        printer.string("mediaType", mediaType)
        printer.string("name", name)
        printer.text("role", role)
        printer.integer("size", sizeBytes)
    }
}

extension ObjectReader {
    /// The member `documents`, which every event of an agreement has.
    mutating func documents() throws(StatementError) -> [Document] {
        let documents = try objects("documents", of: Document.self)
        try ListRules.requireDistinct(documents, in: "documents", by: \.name)
        return documents
    }
}
