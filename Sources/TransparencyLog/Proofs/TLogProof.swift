package import OpenSSLKit

/// The proof that an entry is in a log, in one file that needs no network (tlog-proof; extension `.tlog-proof`).
///
///     c2sp.org/tlog-proof@v1
///     extra aGVsbG8=
///     index 73894
///     gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
///     B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
///
///     example.com/fancylog
///     109482
///     sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=
///
///     — example.com/fancylog …
///     — witness1.example …
///
/// Its bytes are no identity: who has it can add or drop lines of unknown keys, and the extra data.
package struct TLogProof: Hashable, Sendable {
    package static let maximumByteCount = 2_000_000
    /// A tree of 2^63 - 1 leaves is 63 levels high.
    package static let maximumHashCount = 63

    /// Not authenticated by anything: never to be trusted because the proof verifies. Not empty.
    package let extra: [UInt8]?
    /// Of the leaf, from 0.
    package let index: Int64
    /// From the leaf's sibling to the root's child (RFC 6962, 2.1.1).
    package let hashes: [SHA256Digest]
    /// Verbatim.
    package let note: SignedNote
    /// What the note's text says.
    package let checkpoint: Checkpoint

    package init(
        index: Int64,
        hashes: [SHA256Digest],
        note: SignedNote,
        extra: [UInt8]? = nil
    ) throws(TLogProofError) {
        guard index >= 0 else { throw .badIndex }
        guard hashes.count <= Self.maximumHashCount else { throw .tooManyHashes }
        guard extra?.isEmpty != true else { throw .badExtra }
        do { checkpoint = try Checkpoint(parsing: note.text) } catch { throw .checkpoint(error) }
        self.extra = extra
        self.index = index
        self.hashes = hashes
        self.note = note
        guard bytes.count <= Self.maximumByteCount else { throw .tooLong }
    }

    package init(parsing bytes: [UInt8]) throws(TLogProofError) {
        guard bytes.count <= Self.maximumByteCount else { throw .tooLong }
        var rest = bytes[...]
        guard let first = Self.nextLine(&rest), first.elementsEqual(Self.header) else { throw .badHeader }
        guard var line = Self.nextLine(&rest) else { throw .truncated }
        var extra: [UInt8]?
        if let value = Self.value(of: "extra ", in: line) {
            guard let decoded = Base64.decode(value) else { throw .badExtra }
            extra = decoded
            guard let next = Self.nextLine(&rest) else { throw .truncated }
            line = next
        }
        guard let value = Self.value(of: "index ", in: line), let index = DecimalNumber.parse(value) else {
            throw .badIndex
        }
        var hashes: [SHA256Digest] = []
        while true {
            guard let line = Self.nextLine(&rest) else { throw .truncated }
            if line.isEmpty { break }
            guard hashes.count < Self.maximumHashCount else { throw .tooManyHashes }
            guard let hash = Base64.decode(line).flatMap({ SHA256Digest($0) }) else {
                throw .badHash(number: hashes.count + 1)
            }
            hashes.append(hash)
        }
        let note: SignedNote
        do { note = try SignedNote(parsing: Array(rest)) } catch { throw .note(error) }
        try self.init(index: index, hashes: hashes, note: note, extra: extra)
    }

    package var bytes: [UInt8] {
        var lines = [Self.header]
        if let extra { lines.append(Array("extra ".utf8) + Base64.encode(extra)) }
        lines.append(Array("index ".utf8) + DecimalNumber.print(index))
        lines += hashes.map { Base64.encode($0.bytes) }
        lines.append([])
        return lines.flatMap { $0 + [0x0A] } + note.bytes
    }

    private static let header = Array("c2sp.org/tlog-proof@v1".utf8)

    /// Takes a line off the front; nil when no newline is left.
    private static func nextLine(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: 0x0A) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return rest[..<end]
    }

    private static func value(of keyword: String, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        line.starts(with: keyword.utf8) ? line.dropFirst(keyword.utf8.count) : nil
    }
}
