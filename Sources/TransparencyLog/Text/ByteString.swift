/// Text that is compared byte by byte.
///
/// Not a `String`: Swift compares those by canonical equivalence, so that `é` as one scalar and as two would be the
/// same name, while signatures and key IDs cover bytes. Nor is it always UTF-8: the names in a policy are opaque octets
/// (tlog-policy, Character set).
package struct ByteString: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    package var isEmpty: Bool { bytes.isEmpty }

    /// For people: what is not UTF-8 is replaced. Never compare it.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension ByteString: ExpressibleByStringLiteral {
    package init(stringLiteral value: StaticString) {
        self.init(value.description)
    }
}

extension ByteString: CustomStringConvertible {
    package var description: String { text }
}

extension ByteString: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
