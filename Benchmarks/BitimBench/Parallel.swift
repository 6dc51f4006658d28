internal import Glibc

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
}
