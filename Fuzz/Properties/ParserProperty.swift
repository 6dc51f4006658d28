/// What has to hold of a parser of outside bytes, whatever the bytes are.
///
/// The property of each: it does not trap, and what it takes it prints as the same bytes; where several spellings are
/// taken, what is printed is read as the same thing, and prints as itself.
package struct ParserProperty: Sendable {
    package struct Violation: Error, CustomStringConvertible {
        package let description: String
    }

    /// That of the folder with its corpus.
    package let name: String
    /// Whether the parser takes the bytes; whatever it answers, without a trap.
    package let check: @Sendable ([UInt8]) throws(Violation) -> Bool

    package static let all: [ParserProperty] = evidence + meaning + signatures

    package static func named(_ name: String) -> ParserProperty? { all.first { $0.name == name } }

    static func require(_ condition: Bool, _ violation: @autoclosure () -> String) throws(Violation) {
        guard condition else { throw Violation(description: violation()) }
    }

    static func requireSame(_ printed: [UInt8]?, _ bytes: [UInt8]) throws(Violation) {
        try require(printed == bytes, "what was read prints as other bytes")
    }
}
