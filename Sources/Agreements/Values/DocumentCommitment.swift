/// A commitment to a document that is not public: HMAC-SHA256 of its bytes under a key that is kept with it.
///
///     hmac-sha256:5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843
///
/// Not a digest: whoever lacks the key cannot test a guess against it.
package struct DocumentCommitment: TextValue {
    private let code: ContentDigest

    private static let prefix = "hmac-sha256:"

    package init?(bytes: some Collection<UInt8>) {
        guard let code = ContentDigest(bytes: bytes) else { return nil }
        self.code = code
    }

    package init?(text: String) {
        guard
            text.utf8.starts(with: Self.prefix.utf8),
            let code = ContentDigest(hex: text.dropFirst(Self.prefix.count))
        else { return nil }
        self.code = code
    }

    package var bytes: [UInt8] { code.bytes }

    package var hex: String { code.hex }

    package var text: String { Self.prefix + code.hex }

    package static var expectation: String { "hmac-sha256: and 64 lower-case hexadecimal digits" }
}
