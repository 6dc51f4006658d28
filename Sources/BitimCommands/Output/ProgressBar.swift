internal import Glibc

/// A line on a terminal's stderr that tells how far long work has come; silent anywhere else.
final class ProgressBar {
    private let label: String
    private let isShown: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var lastShown: ContinuousClock.Instant
    private var wasShown = false

    init(_ label: String, console: Console) {
        self.label = label
        isShown = console.isTerminalError && !console.isQuiet
        start = clock.now
        lastShown = start
    }

    deinit { clear() }

    func update(_ done: Int64, of total: Int64) {
        let now = clock.now
        guard isShown, now - lastShown > .milliseconds(100) else { return }
        lastShown = now
        wasShown = true
        let elapsed = Double((now - start) / .milliseconds(1)) / 1000
        let rate = elapsed > 0 ? Double(done) / elapsed : 0
        let left = rate > 0 ? Int(Double(total - done) / rate) : 0
        let filled = total > 0 ? Int(20 * done / total) : 0
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 20 - filled)
        Console.prompt("\r\u{1B}[K\(label) [\(bar)] \(done) of \(total), \(Int(rate)) a second, \(left) s left")
    }

    func clear() {
        guard wasShown else { return }
        wasShown = false
        Console.prompt("\r\u{1B}[K")
    }
}
