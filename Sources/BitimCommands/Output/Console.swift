internal import Glibc
internal import Registry

/// Where answers and messages go: answers to stdout, everything else to stderr.
struct Console: Sendable {
    let isQuiet: Bool

    let isTerminalOut = isatty(STDOUT_FILENO) == 1
    let isTerminalError = isatty(STDERR_FILENO) == 1
    let isTerminalIn = isatty(STDIN_FILENO) == 1

    init(isQuiet: Bool = false) {
        self.isQuiet = isQuiet
    }

    var usesColour: Bool {
        isTerminalOut && (Environment.variables["NO_COLOR"] ?? "").isEmpty && Environment.variables["TERM"] != "dumb"
    }

    /// Columns of the terminal; nil when the answer does not go to one.
    var width: Int? {
        guard isTerminalOut else { return nil }
        if let columns = Environment.variables["COLUMNS"].flatMap(Int.init), columns > 20 { return columns }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
        return Int(size.ws_col)
    }

    func answer(_ text: String) {
        guard !text.isEmpty else { return }
        Self.write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO)
    }

    func answer(bytes: [UInt8]) { Self.write(bytes, to: STDOUT_FILENO) }

    func message(_ text: String) {
        guard !isQuiet else { return }
        Self.write("bitim: \(VisibleText.escaped(text))\n", to: STDERR_FILENO)
    }

    /// Files that were written, one a line.
    func answer(files: [String]) { answer(files.map { VisibleText.escaped($0) + "\n" }.joined()) }

    /// Errors are told even when quiet.
    static func error(_ message: String, hint: String?) {
        write("bitim: error: \(VisibleText.escaped(message))\n", to: STDERR_FILENO)
        if let hint { write("bitim: hint: \(VisibleText.escaped(hint))\n", to: STDERR_FILENO) }
    }

    static func prompt(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), to: descriptor) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // A reader that has gone away, as `head` does, wants no more.
            if count < 0, errno == EPIPE { return }
            guard count > 0 else {
                let reason = String(cString: strerror(errno))
                if descriptor == STDOUT_FILENO {
                    Self.error("the answer cannot be written: \(reason)", hint: "check the disk")
                }
                exit(4)
            }
            rest = rest.dropFirst(count)
        }
    }

    // MARK: Verdicts

    func styled(_ verdict: Verdict) -> String {
        guard usesColour else { return verdict.rawValue }
        let colour =
            switch verdict {
            case .passed: 32
            case .indeterminate: 33
            case .failed: 31
            }
        return "\u{1B}[\(colour)m\(verdict.rawValue)\u{1B}[0m"
    }
}
