internal import Glibc
internal import Synchronization

/// A line on a terminal's stderr that tells how far long work has come; silent anywhere else.
final class ProgressBar: Sendable {
    private struct State {
        /// When the work began that is being told of; nil once it is done.
        var start: ContinuousClock.Instant? = .now
        var lastShown = ContinuousClock.now
        var lastDone: Int64 = 0
        var isOnScreen = false
    }

    /// Tests do not wait for it: how long a reading takes hangs on the machine.
    private static let interval: Duration =
        getenv("BITIM_TEST_PROGRESS_AT_ONCE") == nil ? .milliseconds(100) : .zero

    private let label: String
    private let isShown: Bool
    private let state = Mutex(State())

    init(_ label: String, console: Console) {
        self.label = label
        isShown = console.isTerminalError && !console.isQuiet
    }

    deinit { clear() }

    /// The line goes when all is done; less than before is the beginning of other work.
    func update(_ done: Int64, of total: Int64) {
        guard isShown else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if done < state.lastDone || state.start == nil { state.start = now }
            state.lastDone = done
            if done >= total {
                clear(&state)
                state.start = nil
            } else if let start = state.start, now - state.lastShown > Self.interval {
                state.lastShown = now
                state.isOnScreen = true
                Console.prompt(line(done, of: total, after: now - start))
            }
        }
    }

    func clear() { state.withLock { clear(&$0) } }

    private func clear(_ state: inout State) {
        guard state.isOnScreen else { return }
        state.isOnScreen = false
        Console.prompt("\r\u{1B}[K")
    }

    private func line(_ done: Int64, of total: Int64, after elapsed: Duration) -> String {
        let seconds = elapsed / .seconds(1)
        let rate = seconds > 0 ? Double(done) / seconds : 0
        let left = rate > 0 ? Int(Double(total - done) / rate) : 0
        let filled = total > 0 ? Int(20 * done / total) : 0
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 20 - filled)
        return "\r\u{1B}[K\(label) [\(bar)] \(done) of \(total), \(Int(rate)) a second, \(left) s left"
    }
}
