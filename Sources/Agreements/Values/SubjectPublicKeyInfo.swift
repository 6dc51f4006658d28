/// A public key as DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), spelled in base 64. Its content is opaque here.
package struct SubjectPublicKeyInfo: TextValue {
    package let derBytes: [UInt8]

    package init(derBytes: [UInt8]) {
        self.derBytes = derBytes
    }

    package init?(text: String) {
        guard let bytes = Base64.decode(text), !bytes.isEmpty else { return nil }
        derBytes = bytes
    }

    package var text: String { Base64.encode(derBytes) }

    package static var expectation: String { "a public key in padded base 64" }
}
