internal import Foundation

/// Long campaigns take a sample in the ordinary run.
package enum Campaign {
    /// With BITIM_EXHAUSTIVE=1 they are run whole.
    package static let isWhole = ProcessInfo.processInfo.environment["BITIM_EXHAUSTIVE"] == "1"
}
