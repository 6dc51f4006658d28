internal import Synchronization

/// How many requests with bodies are taken in at a time: each may fill some memory before anything of it is known.
final class BodyLimit: Sendable {
    private let running = Mutex(0)
    private let mostAtATime: Int

    init(mostAtATime: Int) { self.mostAtATime = mostAtATime }

    /// Nil, and nothing is done, where there are too many.
    func within<Result: Sendable>(_ work: () async -> Result) async -> Result? {
        let isIn = running.withLock { count in
            guard count < mostAtATime else { return false }
            count += 1
            return true
        }
        guard isIn else { return nil }
        defer { running.withLock { $0 -= 1 } }
        return await work()
    }
}
