/// A file of one line, a verifier key (C2SP signed-note), as somebody brings it.
enum VerifierKeyFile {
    private static let maximumBytes = 1 << 14

    /// - Returns: the line without its newline; whether it is a key is for its reader to judge.
    static func read(_ path: String) throws -> String {
        var bytes = try InputFile.read(path, maximumBytes: maximumBytes)
        if bytes.last == 0x0A { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
