/// The id of a party, such as `KZ`: its own for as long as the registry lives.
package struct PartyID: TextValue, Comparable {
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

    package static var expectation: String { "a party id: A-Z or 0-9, then up to 63 of A-Z, a-z, 0-9 and -" }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
