import Foundation

/// Long campaigns take a sample in the ordinary run.
enum Sampling {
    /// With BITIM_EXHAUSTIVE=1 they are run whole.
    static let isExhaustive = ProcessInfo.processInfo.environment["BITIM_EXHAUSTIVE"] == "1"
}
