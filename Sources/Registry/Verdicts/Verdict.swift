/// What a check says, in the three values of ETSI EN 319 102-1, 5.1.
package enum Verdict: String, Codable, Sendable, Comparable {
    case passed
    /// Neither proved right nor wrong: something needed for it is not here.
    case indeterminate
    case failed

    private var rank: Int {
        switch self {
        case .passed: 0
        case .indeterminate: 1
        case .failed: 2
        }
    }

    package static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }
}
