internal import Agreements
internal import TiledLog

/// An exported trail as somebody hands it over: nothing in it is believed.
struct TrailFile {
    static let format = "bitim-audit-trail"
    private static let csvStart = Array("index,leaf_hash,event,agreement,".utf8)
    private static let maximumBytes = 1 << 28

    /// The top-level object; nil when the file is not JSON as it should be.
    let members: [String: CanonicalJSON]?
    let fault: String?

    /// Nil when the file is something else.
    ///
    /// - Throws: `FileError`.
    init?(path: String) throws {
        let start = try Files.start(of: path, count: 64, followingLinks: true)
        guard start.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{") else { return nil }
        let bytes = try Files.start(of: path, count: Self.maximumBytes + 1, followingLinks: true)
        // Asked first, for whatever JSON somebody wants to verify: a tree of it takes a lot of memory.
        guard bytes.count <= Self.maximumBytes, Self.contains(bytes, Array("\"\(Self.format)\"".utf8)) else {
            return nil
        }
        do throws(JSONReader.Fault) {
            let value = try JSONReader.read(bytes)
            guard let members = value.membersByKey, members["format"]?.isSame(as: .string(Self.format)) == true else {
                return nil
            }
            self.members = members
            fault = nil
        } catch {
            members = nil
            fault = "\(error)"
        }
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0] == part[0] && bytes[$0...].starts(with: part) }
    }

    /// Whether the file is a trail in the other format, which cannot be checked.
    static func isCSV(path: String) -> Bool {
        let start = try? Files.start(of: path, count: csvStart.count, followingLinks: true)
        return start == csvStart
    }
}
