/// A program run again and again, each time with one of its file-system calls failing, or the process killed at it.
package struct FaultCampaign: Sendable {
    package struct Tally: Sendable {
        package fileprivate(set) var calls = 0
        package fileprivate(set) var injections = 0
        /// It said that it failed, or died.
        package fileprivate(set) var failed = 0
        /// It went on without what was refused, and did all the same what it was asked to do.
        package fileprivate(set) var wentOn = 0
        /// Faults that were meant for a call which did not come again.
        package fileprivate(set) var unmet: [String] = []

        package var words: String {
            "\(calls) calls, \(injections) faults injected: \(failed) times it failed or died, \(wentOn) times it went on; "
                + "not met: \(unmet.count)"
        }
    }

    /// How a run with a fault ended.
    package enum Ending: Sendable {
        case failed, wentOn
    }

    private static let mostTries = 4
    /// Of how many calls one is taken.
    private let step: Int

    package init(step: Int) { self.step = step }

    /// - Parameters:
    ///   - plain: a run without faults, from the same beginning as the others; its calls.
    ///   - inject: a run with a fault, with everything checked that has to hold after it.
    package func run(
        plain: () async throws -> [FileCall],
        inject: (Fault) async throws -> (ending: Ending, calls: [FileCall])
    ) async throws -> Tally {
        let calls = try await plain()
        var tally = Tally()
        tally.calls = calls.count
        var counts: [String: Int] = [:]
        let places = calls.map { call in
            counts[call.description, default: 0] += 1
            return (call: call, number: counts[call.description] ?? 1)
        }
        for (position, kind) in Fault.Kind.allCases.enumerated() {
            for index in stride(from: position * step / 4, to: places.count, by: step) {
                let fault = Fault(kind, at: places[index].call, number: places[index].number)
                var isMet = false
                // Where threads take turns otherwise, a run may do without a call.
                for _ in 0..<Self.mostTries where !isMet {
                    let (ending, calls) = try await inject(fault)
                    isMet = calls.contains(where: \.meetsFault)
                    guard isMet else { continue }
                    tally.injections += 1
                    switch ending {
                    case .failed: tally.failed += 1
                    case .wentOn: tally.wentOn += 1
                    }
                }
                if !isMet { tally.unmet.append("\(fault)") }
            }
        }
        return tally
    }
}
