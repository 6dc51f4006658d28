internal import OpenSSLKit
internal import TiledLog

/// A file of signed entries, one after the other: each a CMS SignedData in DER, which says itself where it ends. As leaves
/// (docs/entry.md), or as they are exported, with certificates inside.
///
/// Only where each begins is kept in memory; what a file holds is read when its turn has come.
package struct SignedEntries: Sendable {
    package let path: String
    /// Where each ends.
    private let ends: [Int]

    /// A million entries of the usual size have some 2 GB.
    private static let maximumBytes = 4 << 30
    private static let maximumEntryBytes = 1 << 20
    /// A statement, two digests and a signature are more.
    private static let minimumEntryBytes = 256
    private static let sequence: UInt8 = 0x30
    /// id-signedData (RFC 5652, 5.1), which every entry begins with.
    private static let signedData: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
    private static let longestHeader = 6 + signedData.count
    private static let chunkBytes = 1 << 20

    /// Whether the file begins as one of entries does; a catalogue is a text.
    package static func isBeginning(of path: String) -> Bool {
        (try? Files.start(of: path, count: 1, followingLinks: true)) == [sequence]
    }

    /// - Throws: `RegistryError` when the file cannot be read, or is not entries to its end.
    package init(path: String) throws {
        self.path = path
        let size = try Files.attributes(path, followingLinks: true).sizeBytes
        guard size <= Self.maximumBytes else {
            throw FileError(path: path, operation: "read", reason: .tooLarge(maximumBytes: Self.maximumBytes))
        }
        var ends: [Int] = []
        var chunk: [UInt8] = []
        var chunkStart = 0
        var start = 0
        while start < size {
            if start + Self.longestHeader > chunkStart + chunk.count, chunkStart + chunk.count < size {
                chunk = try Files.bytes(of: path, from: start, count: Self.chunkBytes, followingLinks: true)
                chunkStart = start
            }
            guard let count = Self.encodedCount(chunk.dropFirst(start - chunkStart)),
                (Self.minimumEntryBytes...Self.maximumEntryBytes).contains(count), count <= size - start
            else {
                throw RegistryError(
                    .unavailable, "\(path): what follows entry \(ends.count) of the file is no entry in DER",
                    hint:
                        "such a file is made of entries as 'bitim export --format cms' gives them, one after the other")
            }
            start += count
            ends.append(start)
        }
        self.ends = ends
    }

    package var count: Int { ends.count }

    private func start(of entry: Int) -> Int { entry == 0 ? 0 : ends[entry - 1] }

    /// The entries from that one on: as many as are asked for, but no more than lie in so many bytes, and one at least.
    package func leaves(from first: Int, count: Int, maximumBytes: Int = .max) throws -> [ArraySlice<UInt8>] {
        guard first < ends.count, count > 0 else { return [] }
        let start = start(of: first)
        var last = first
        while last + 1 < min(first + count, ends.count), ends[last + 1] - start <= maximumBytes { last += 1 }
        let bytes = try Files.bytes(of: path, from: start, count: ends[last] - start, followingLinks: true)
        guard bytes.count == ends[last] - start else {
            throw RegistryError(
                .conflict, "\(path) has changed since it was read", hint: "run the command again with the whole file")
        }
        return (first...last).map { bytes[self.start(of: $0) - start..<ends[$0] - start] }
    }

    /// How many bytes the value has that begins there, header included (X.690, 8.1.3); nil when it is no SignedData in a
    /// SEQUENCE of a definite length.
    private static func encodedCount(_ bytes: ArraySlice<UInt8>) -> Int? {
        let header = Array(bytes.prefix(longestHeader))
        guard header.count >= 2, header[0] == sequence else { return nil }
        var octets = 0
        if header[1] >= 0x80 {
            octets = Int(header[1] & 0x7F)
            guard (1...4).contains(octets), header.count >= 2 + octets else { return nil }
        }
        guard header[(2 + octets)...].starts(with: signedData) else { return nil }
        return octets == 0
            ? 2 + Int(header[1]) : header[2..<(2 + octets)].reduce(0) { $0 << 8 | Int($1) } + 2 + octets
    }
}
