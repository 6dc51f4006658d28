internal import Glibc
internal import Registry
internal import TiledLog

/// A file that a command reads whole, or stdin.
enum InputFile {
    /// - Parameter path: `-` is stdin.
    static func read(_ path: String, maximumBytes: Int) throws -> [UInt8] {
        guard path == "-" else {
            var bytes: [UInt8] = []
            try Files.stream(path, maximumBytes: maximumBytes, followingLinks: true) { bytes += $0 }
            return bytes
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw RegistryError(.unavailable, "stdin cannot be read", hint: "give a file instead of -")
            }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= maximumBytes else {
                throw RegistryError(
                    .unavailable, "stdin: larger than \(maximumBytes) bytes",
                    hint: "it is not what is expected here")
            }
        }
    }
}
