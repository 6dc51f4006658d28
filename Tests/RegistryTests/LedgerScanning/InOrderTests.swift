import Glibc
import Synchronization
import Testing

@testable import Registry

/// Work on all cores, taken in order.
@Suite struct InOrderTests {
    private final class Gauge: Sendable {
        let counts = Mutex((now: 0, most: 0, begun: 0))

        func enter() {
            counts.withLock {
                $0.now += 1
                $0.begun += 1
                $0.most = max($0.most, $0.now)
            }
        }

        func leave() { counts.withLock { $0.now -= 1 } }
    }

    @Test(arguments: [1, 2, 3, 16])
    func `Results come in the order of the items, whoever is done first`(workers: Int) async throws {
        var taken: [Int] = []
        try await InOrder.run(0..<200, workers: workers) { item in
            // The next ones overtake it.
            if item.isMultiple(of: 7) { usleep(5_000) }
            return item * item
        } take: { square in
            taken.append(square)
            return true
        }
        #expect(taken == (0..<200).map { $0 * $0 })
    }

    @Test func `No more is begun than can be taken soon`() async throws {
        let gauge = Gauge()
        var furthest = 0
        var taken = 0
        try await InOrder.run(0..<1000, workers: 4) { item in
            gauge.enter()
            defer { gauge.leave() }
            return item
        } take: { _ in
            taken += 1
            furthest = max(furthest, gauge.counts.withLock { $0.begun } - taken)
            return true
        }
        let most = gauge.counts.withLock { $0.most }
        #expect(taken == 1000 && most <= 5 && furthest <= 4 * 4)
    }

    @Test(arguments: [1, 4])
    func `Nothing is taken after a stop, and an error goes up`(workers: Int) async throws {
        var taken: [Int] = []
        try await InOrder.run(0..<1_000_000, workers: workers) {
            $0
        } take: { item in
            taken.append(item)
            return item < 10
        }
        #expect(taken == Array(0...10))
        struct Fault: Error {}
        await #expect(throws: Fault.self) {
            try await InOrder.run(0..<1_000_000, workers: workers) {
                $0
            } take: { item in
                if item == 3 { throw Fault() }
                return true
            }
        }
    }
}
