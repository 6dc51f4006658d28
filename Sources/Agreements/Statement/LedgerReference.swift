/// Which ledger a statement is for: nobody can replay it in another one, a rebuilt one included.
package enum LedgerReference: Hashable, Sendable {
    /// The log's origin: in entry 0, which has no identity to name before it exists.
    case origin(String)

    /// The registry's identity, the leaf hash of entry 0: ever after.
    case registry(ContentDigest)

    package var text: String {
        switch self {
        case .origin(let origin): origin
        case .registry(let identity): identity.text
        }
    }

    /// An origin must be able to be the log's key name (C2SP signed-note: no spaces, no `+`), and no digest.
    static func isOrigin(_ text: String) -> Bool {
        !text.isEmpty && !text.utf8.starts(with: "sha256:".utf8)
            && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" }
    }
}
