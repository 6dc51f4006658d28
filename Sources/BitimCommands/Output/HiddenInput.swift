internal import Glibc

/// A line from the terminal that is not shown. However it ends, by a signal too, the terminal shows again what is typed.
enum HiddenInput {
    // For the signal handlers; written before they are installed. Pointers, because a handler may come in the middle of
    // an access.
    nonisolated(unsafe) private static let shown = UnsafeMutablePointer<termios>.allocate(capacity: 1)
    nonisolated(unsafe) private static let hidden = UnsafeMutablePointer<termios>.allocate(capacity: 1)

    private static let endingSignals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// The line without its newline, of up to 1024 bytes; the caller wipes it.
    ///
    /// - Returns: nil when there is no terminal to ask at.
    static func line() -> [UInt8]? {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        shown.initialize(to: settings)
        settings.c_lflag &= ~tcflag_t(ECHO)
        hidden.initialize(to: settings)
        handleSignals()
        tcsetattr(STDIN_FILENO, TCSAFLUSH, hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, shown)
            for number in endingSignals + [SIGTSTP] { signal(number, SIG_DFL) }
        }
        // Byte by byte into memory that is wiped: no String ever holds a passphrase.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        var byte: UInt8 = 0
        while bytes.count < 1024 {
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != 0x0A else { break }
            bytes.append(byte)
        }
        return bytes
    }

    /// The handlers make only calls that POSIX allows there: tcsetattr, signal, raise.
    private static func handleSignals() {
        for number in endingSignals {
            signal(number) { number in
                tcsetattr(STDIN_FILENO, TCSAFLUSH, HiddenInput.shown)
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        // Ctrl-Z: the shell gets its terminal as it was, and it is hidden again when the program goes on.
        signal(SIGTSTP) { _ in
            tcsetattr(STDIN_FILENO, TCSAFLUSH, HiddenInput.shown)
            raise(SIGSTOP)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, HiddenInput.hidden)
        }
    }
}
