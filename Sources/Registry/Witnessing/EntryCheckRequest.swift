internal import OpenSSLKit
internal import TiledLog
package import TransparencyLog

/// Entries that a log is about to sign, shown to a witness before: docs/witness.md.
///
///     check-entries 1
///     certificates 0
///     entries 2
///
///     (each certificate and each entry: its length in two bytes, big-endian, and itself)
///     (the checkpoint of the tree that they are to follow)
package struct EntryCheckRequest: Sendable {
    package static let maximumByteCount = 1 << 23
    private static let header = "check-entries 1"

    /// DER; which of them a change of the registry brings along, the witness finds out.
    package let certificates: [[UInt8]]
    package let entries: [[UInt8]]
    package let note: SignedNote
    package let checkpoint: Checkpoint

    package init(certificates: [[UInt8]], entries: [[UInt8]], note: SignedNote) throws(CheckpointError) {
        self.certificates = certificates
        self.entries = entries
        self.note = note
        checkpoint = try Checkpoint(parsing: note.text)
    }

    package init(parsing bytes: [UInt8]) throws(WitnessRefusal) {
        var rest = bytes[...]
        func malformed(_ why: String) -> WitnessRefusal { WitnessRefusal(.malformed, "the request \(why)") }
        func line() throws(WitnessRefusal) -> ArraySlice<UInt8> {
            guard let end = rest.firstIndex(of: 0x0A) else { throw malformed("is cut short") }
            defer { rest = rest[(end + 1)...] }
            return rest[..<end]
        }
        func count(_ name: String) throws(WitnessRefusal) -> Int64 {
            let text = try line()
            guard text.starts(with: Array("\(name) ".utf8)),
                let count = DecimalNumber.parse(text.dropFirst(name.utf8.count + 1))
            else { throw malformed("does not say how many \(name) it has") }
            return count
        }
        func item() throws(WitnessRefusal) -> [UInt8] {
            guard rest.count >= 2 else { throw malformed("is cut short") }
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            guard rest.count >= 2 + length else { throw malformed("is cut short") }
            defer { rest = rest.dropFirst(2 + length) }
            return Array(rest.dropFirst(2).prefix(length))
        }
        guard bytes.count <= Self.maximumByteCount else { throw malformed("is too long") }
        guard try line().elementsEqual(Self.header.utf8) else { throw malformed("begins otherwise") }
        let (certificateCount, entryCount) = (try count("certificates"), try count("entries"))
        guard entryCount > 0, certificateCount <= bytes.count, entryCount <= bytes.count, try line().isEmpty else {
            throw malformed("has no entries")
        }
        var certificates: [[UInt8]] = []
        var entries: [[UInt8]] = []
        for _ in 0..<certificateCount { certificates.append(try item()) }
        for _ in 0..<entryCount { entries.append(try item()) }
        let note: SignedNote
        do { note = try SignedNote(parsing: Array(rest)) } catch {
            throw malformed("ends without a checkpoint: \(error)")
        }
        do {
            try self.init(certificates: certificates, entries: entries, note: note)
        } catch { throw malformed("ends without a checkpoint: \(error)") }
    }

    package var bytes: [UInt8] {
        var bytes = Array(
            "\(Self.header)\ncertificates \(certificates.count)\nentries \(entries.count)\n\n".utf8)
        for item in certificates + entries {
            bytes.append(UInt8(truncatingIfNeeded: item.count >> 8))
            bytes.append(UInt8(truncatingIfNeeded: item.count))
            bytes += item
        }
        return bytes + note.bytes
    }
}
