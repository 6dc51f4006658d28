/// The few headers between pieces that OpenSSL made.
enum DERPieces {
    static func header(_ tag: UInt8, _ count: Int) -> [UInt8] {
        switch count {
        case ..<0x80: [tag, UInt8(count)]
        case ..<0x100: [tag, 0x81, UInt8(count)]
        default: [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
        }
    }

    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { header(tag, content.count) + content }

    /// id-signedData and id-data (RFC 5652, 4 and 5).
    private static let signedData: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
    private static let data: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]

    /// A leaf of the ledger (docs/entry.md).
    static func leaf(content: [UInt8], digestAlgorithms: [[UInt8]], signerInfos: [[UInt8]]) -> [UInt8] {
        let body =
            [0x02, 0x01, 0x01] + value(0x31, set(digestAlgorithms))
            + value(0x30, data + value(0xA0, value(0x04, content))) + value(0x31, set(signerInfos))
        return value(0x30, signedData + value(0xA0, value(0x30, body)))
    }

    private static func set(_ elements: [[UInt8]]) -> [UInt8] {
        var distinct: [[UInt8]] = []
        for element in elements.sorted(by: { $0.lexicographicallyPrecedes($1) }) where element != distinct.last {
            distinct.append(element)
        }
        return Array(distinct.joined())
    }
}
