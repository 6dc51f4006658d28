/// A program run again and again, each time with one of its file-system calls failing, or the process killed at it.
package struct FaultCampaign: Sendable {
    package struct Tally: Sendable {
        package fileprivate(set) var calls = 0
        package fileprivate(set) var injections = 0
        /// It said that it failed, or died.
        package fileprivate(set) var failed = 0
        /// It went on without what was refused, and did all the same what it was asked to do.
        package fileprivate(set) var wentOn = 0
        /// Calls of the plain run that no fault of a kind has met. Empty when only some are tried.
        package fileprivate(set) var unmet: [String] = []

        package var words: String {
            "\(calls) calls, \(injections) faults injected: \(failed) times it failed or died, \(wentOn) times it went on; "
                + "calls not met: \(unmet.count)"
        }
    }

    /// How a run with a fault ended.
    package enum Ending: Sendable {
        case failed, wentOn
    }

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
        let wanted = Dictionary(grouping: calls, by: \.description).mapValues(\.count)
        for (position, kind) in Fault.Kind.allCases.enumerated() {
            var met: [String: Int] = [:]
            func meet(_ number: Int) async throws {
                let (ending, calls) = try await inject(Fault(kind, at: number))
                // Where threads take turns otherwise, a run may have a call less.
                guard let hit = calls.first(where: \.meetsFault) else { return }
                tally.injections += 1
                met[hit.description, default: 0] += 1
                switch ending {
                case .failed: tally.failed += 1
                case .wentOn: tally.wentOn += 1
                }
            }
            for number in stride(from: 1 + position * step / 4, through: calls.count, by: step) {
                try await meet(number)
            }
            guard step == 1 else { continue }
            func isUnmet(_ place: String) -> Bool { met[place, default: 0] < wanted[place, default: 0] }
            // Threads do not take turns in the same way each time: what was passed over is looked for again.
            for _ in 0..<3 {
                for (number, call) in calls.enumerated() where isUnmet(call.description) { try await meet(number + 1) }
            }
            tally.unmet += wanted.keys.filter(isUnmet).sorted().map {
                "\(kind) \($0): \(met[$0, default: 0]) of \(wanted[$0, default: 0])"
            }
        }
        return tally
    }
}
