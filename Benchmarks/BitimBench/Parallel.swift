internal import Glibc
internal import Synchronization

/// The same work on many pieces, on all cores.
enum Parallel {
    static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The results in the order of the pieces.
    static func map<Result: Sendable>(
        _ range: Range<Int>, pieces: Int, _ body: @escaping @Sendable (Range<Int>) throws -> Result
    ) async throws -> [Result] {
        let length = (range.count + pieces - 1) / max(1, pieces)
        let ranges = stride(from: range.lowerBound, to: range.upperBound, by: max(1, length)).map {
            $0..<min(range.upperBound, $0 + length)
        }
        return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for (number, piece) in ranges.enumerated() {
                group.addTask { (number, try body(piece)) }
            }
            var results: [(Int, Result)] = []
            for try await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Hands out the numbers below `count`, each once: who has nothing left takes the next, so that no thread waits for a
    /// slower one.
    ///
    /// - Parameter worker: makes what one thread works with, and then does the work.
    /// - Returns: the seconds that it took.
    static func share(
        _ count: Int, threads: Int, _ worker: @escaping @Sendable (Numbers) throws -> Void
    ) async throws -> Double {
        let numbers = Numbers(count: count)
        let watch = Stopwatch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<threads { group.addTask { try worker(numbers) } }
            try await group.waitForAll()
        }
        return watch.seconds
    }

    final class Numbers: Sendable {
        private let count: Int
        private let taken = Atomic(0)

        init(count: Int) { self.count = count }

        func next() -> Int? {
            let number = taken.wrappingAdd(1, ordering: .relaxed).oldValue
            return number < count ? number : nil
        }
    }
}
