internal import Agreements
internal import OpenSSLKit
internal import Registry
internal import TiledLog

/// The public documents of generated agreements: plain texts of one size, each for one agreement or shared by some.
struct GeneratedDocuments: Sendable {
    /// How many agreements have the same document; 0 for none.
    let sharedBy: Int
    let sizeBytes: Int
    private let filler: [UInt8]

    init(sharedBy: Int, sizeBytes: Int = 2_048) {
        self.sharedBy = sharedBy
        self.sizeBytes = sizeBytes
        let line = "The Parties shall co-operate in good faith, and settle what they differ about by negotiation.\n"
        filler = Array(repeatElement(line, count: sizeBytes / line.utf8.count + 1).joined().utf8)
    }

    private func bytes(_ number: Int) -> [UInt8] {
        let head = Array("The text of document \(number).\n\n".utf8)
        return Array((head + filler).prefix(max(head.count, sizeBytes)))
    }

    /// What the agreement's statement says of its document, and the file if it is the first that has it.
    func document(of agreement: Int) throws -> (document: Document, file: [UInt8]?)? {
        guard sharedBy > 0 else { return nil }
        let number = agreement / sharedBy
        let bytes = bytes(number)
        let document = Document(
            name: "agreement-\(number).txt", role: .text, languages: [try .of("en")], mediaType: "text/plain",
            sizeBytes: Int64(bytes.count), access: .public, digest: ContentDigest.of(bytes))
        return (document, agreement.isMultiple(of: sharedBy) ? bytes : nil)
    }
}
