internal import OpenSSLKit
internal import TiledLog

/// A file of signed entries, one after the other: each a CMS SignedData in DER, which says itself where it ends. As leaves
/// (docs/entry.md), or as they are exported, with certificates inside.
package struct SignedEntries: Sendable {
    package let path: String
    package let leaves: [ArraySlice<UInt8>]

    /// A million entries of the usual size have some 2 GB.
    private static let maximumBytes = 4 << 30
    private static let maximumEntryBytes = 1 << 20
    private static let sequence: UInt8 = 0x30

    /// Whether the file begins as one of entries does; a catalogue is a text.
    package static func isBeginning(of path: String) -> Bool {
        (try? Files.start(of: path, count: 1, followingLinks: true)) == [sequence]
    }

    /// - Throws: `RegistryError` when the file cannot be read, or is not entries to its end.
    package init(path: String) throws {
        self.path = path
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(try Files.attributes(path, followingLinks: true).sizeBytes, Self.maximumBytes))
        try Files.stream(path, maximumBytes: Self.maximumBytes, followingLinks: true) { bytes += $0 }
        var leaves: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let count = Self.encodedCount(rest), count <= min(rest.count, Self.maximumEntryBytes) else {
                throw RegistryError(
                    .unavailable, "\(path): what follows entry \(leaves.count) of the file is no entry in DER",
                    hint:
                        "such a file is made of entries as 'bitim export --format cms' gives them, one after the other")
            }
            leaves.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        self.leaves = leaves
    }

    /// How many bytes the value has that begins there, header included (X.690, 8.1.3); nil when it is no SEQUENCE of a
    /// definite length.
    private static func encodedCount(_ bytes: ArraySlice<UInt8>) -> Int? {
        let header = Array(bytes.prefix(6))
        guard header.count >= 2, header[0] == sequence else { return nil }
        guard header[1] >= 0x80 else { return 2 + Int(header[1]) }
        let octets = Int(header[1] & 0x7F)
        guard (1...4).contains(octets), header.count >= 2 + octets else { return nil }
        return header[2..<(2 + octets)].reduce(0) { $0 << 8 | Int($1) } + 2 + octets
    }
}
