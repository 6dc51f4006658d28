internal import Glibc

/// Work on many items by several workers, with the results taken one after the other in the order of the items.
enum InOrder {
    /// How many cores there are.
    static let processorCount = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// - Parameters:
    ///   - workers: how many items are worked on at a time; one works in place, in the caller's thread.
    ///   - take: the next result; false stops, and what was begun beyond it is dropped.
    static func run<Item: Sendable, Outcome: Sendable>(
        _ items: some Sequence<Item>, workers: Int, work: @escaping @Sendable (Item) -> Outcome,
        take: (Outcome) throws -> Bool
    ) async throws {
        guard workers > 1 else {
            for item in items where try !take(work(item)) { return }
            return
        }
        // One in reserve where all cores are asked for, so that none waits while results are taken.
        let atATime = workers < processorCount ? workers : workers + 1
        try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
            var rest = items.makeIterator()
            var begun = 0
            var running = 0
            var waiting: [Int: Outcome] = [:]
            var next = 0
            func begin() {
                // What waits for a slow one before it is bounded too.
                while running < atATime, begun - next < 4 * workers, let item = rest.next() {
                    let number = begun
                    group.addTask { (number, work(item)) }
                    begun += 1
                    running += 1
                }
            }
            begin()
            while let (number, outcome) = try await group.next() {
                running -= 1
                waiting[number] = outcome
                while let outcome = waiting.removeValue(forKey: next) {
                    next += 1
                    guard try take(outcome) else {
                        group.cancelAll()
                        return
                    }
                }
                begin()
            }
        }
    }
}
