internal import Registry
internal import TiledLog

extension OutputFile {
    /// Writes files that must not be there yet, after a look that all of them can be written. One that is there with the
    /// same bytes stays.
    static func create(_ files: [(path: String, bytes: [UInt8])]) throws {
        let new = files.filter { file in
            (try? Files.read(file.path, maximumBytes: file.bytes.count)) != file.bytes
        }
        for file in new { try check(file.path) }
        for file in new { try write(file.bytes, to: file.path) }
    }
}
