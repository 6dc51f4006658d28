/// Lets one through at a time, in the order of coming, and turns away whoever would wait behind too many.
actor SerialGate {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private let mostWaiting: Int

    init(mostWaiting: Int) { self.mostWaiting = mostWaiting }

    /// False when too many wait.
    func enter() async -> Bool {
        guard isTaken else {
            isTaken = true
            return true
        }
        guard waiting.count < mostWaiting else { return false }
        await withCheckedContinuation { waiting.append($0) }
        return true
    }

    func leave() {
        if waiting.isEmpty {
            isTaken = false
        } else {
            waiting.removeFirst().resume()
        }
    }
}
