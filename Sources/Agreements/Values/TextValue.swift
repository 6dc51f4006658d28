/// A value that a statement spells as one JSON string, in one spelling.
package protocol TextValue: Hashable, Sendable, CustomStringConvertible {
    init?(text: String)
    /// The same, from bytes that are ASCII.
    init?(ascii bytes: UnsafeBufferPointer<UInt8>)
    var text: String { get }

    /// What a message says was expected, such as `a date as in 2025-11-15`.
    static var expectation: String { get }
}

extension TextValue {
    package init?(ascii bytes: UnsafeBufferPointer<UInt8>) {
        self.init(text: String(decoding: bytes, as: UTF8.self))
    }

    package var description: String { text }
}
