internal import FoundationEssentials

/// The variables that the program was started with: made into a dictionary once, not at each question.
enum Environment {
    static let variables = ProcessInfo.processInfo.environment
}
