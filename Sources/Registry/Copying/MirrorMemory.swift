internal import TiledLog
internal import TransparencyLog

/// When a copy was last found to be what is served, and where that is. It is told, and nothing rests on it.
///
///     bitim-mirror 1
///     url https://treaties.example
///     time 1795000000
///     size 20
package struct MirrorMemory: Hashable, Sendable {
    static let name = "state/mirror"
    private static let header = "bitim-mirror 1"

    package let url: String
    /// POSIX seconds.
    package let time: Int64
    /// Of the published tree that was served then.
    package let size: Int64

    init(url: String, time: Int64, size: Int64) {
        self.url = url
        self.time = time
        self.size = size
    }

    /// Nil where the registry is no copy, or its memory cannot be read.
    package init?(_ registry: RegistryFolder) {
        guard let bytes = try? Files.read(registry.fullPath(Self.name), maximumBytes: 4096),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        let lines = text.split(separator: "\n")
        guard lines.count == 4, lines[0] == Self.header, lines[1].hasPrefix("url "), lines[2].hasPrefix("time "),
            lines[3].hasPrefix("size "), let time = DecimalNumber.parse(lines[2].dropFirst(5).utf8),
            let size = DecimalNumber.parse(lines[3].dropFirst(5).utf8)
        else { return nil }
        self.init(url: String(lines[1].dropFirst(4)), time: time, size: size)
    }

    func keep(in registry: RegistryFolder) throws {
        let text = "\(Self.header)\nurl \(url)\ntime \(time)\nsize \(size)\n"
        try registry.files.replace(Self.name, with: Array(text.utf8))
    }
}
