internal import SwiftASN1

/// Nodes put together from encodings that are kept byte for byte.
enum RawDER {
    static func constructed(_ identifier: ASN1Identifier, _ children: [ArraySlice<UInt8>]) -> [UInt8] {
        var serializer = DER.Serializer()
        serializer.appendConstructedNode(identifier: identifier) { inner in
            for child in children { inner.serializeRawBytes(child) }
        }
        return serializer.serializedBytes
    }

    static func primitive(_ identifier: ASN1Identifier, _ octets: [UInt8]) -> [UInt8] {
        var serializer = DER.Serializer()
        serializer.appendPrimitiveNode(identifier: identifier) { $0 += octets }
        return serializer.serializedBytes
    }

    /// A SET OF: elements sorted by their encodings (X.690, 11.6).
    static func set(_ elements: [[UInt8]]) -> [UInt8] {
        constructed(.set, elements.sorted { $0.lexicographicallyPrecedes($1) }.map { $0[...] })
    }
}
