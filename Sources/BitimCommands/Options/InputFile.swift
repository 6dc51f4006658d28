internal import ArgumentParser
internal import Registry
internal import TiledLog

/// A file that a command reads. `-` is stdin: `StandardInput`.
enum InputFile {
    static func read(_ path: String, maximumBytes: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try Files.stream(path, maximumBytes: maximumBytes, followingLinks: true) { bytes += $0 }
        return bytes
    }

    /// - Parameter paths: all files that the command would read.
    static func requireOneStdin(_ paths: [String]) throws {
        guard paths.count(where: { $0 == StandardInput.name }) < 2 else {
            throw ValidationError("- is there twice, and stdin is one file: name the others")
        }
    }
}
