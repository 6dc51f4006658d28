/// The id of an agreement, such as `KZ-UZ-2025-06`: its own for as long as the registry lives.
package struct AgreementID: TextValue, Comparable {
    package let text: String

    package init?(_ text: String) {
        guard Identifier.isValid(text) else { return nil }
        self.text = text
    }

    package init?(text: String) {
        self.init(text)
    }

    package init?(ascii bytes: UnsafeBufferPointer<UInt8>) {
        guard Identifier.isValid(bytes) else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
    }

    package static var expectation: String { "an agreement id: A-Z or 0-9, then up to 63 of A-Z, a-z, 0-9 and -" }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
