/// The name of a key (signed-note, Format): UTF-8, not empty, no Unicode spaces, no plus, no control characters.
///
///     example.com/behind-the-sofa
package struct KeyName: Hashable, Sendable {
    package let value: ByteString

    package init?(_ bytes: some Sequence<UInt8>) {
        let value = ByteString(bytes)
        guard let text = String(validating: value.bytes, as: UTF8.self), !text.isEmpty else { return nil }
        for scalar in text.unicodeScalars {
            guard scalar.value >= 0x20, scalar != "+", !scalar.properties.isWhitespace else { return nil }
        }
        self.value = value
    }

    package init?(_ text: String) {
        self.init(text.utf8)
    }

    package var bytes: [UInt8] { value.bytes }
}

extension KeyName: CustomStringConvertible {
    package var description: String { value.text }
}
