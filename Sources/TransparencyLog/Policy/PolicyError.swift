/// What is wrong with a policy, and in which line.
package struct PolicyError: Error, Hashable {
    package enum Fault: Error, Hashable {
        case tooLong
        case noFinalNewline
        case forbiddenCharacter
        case unknownKeyword
        case wrongItems
        case badKey(VerifierKeyError)
        case wrongKeyType
        case duplicateKey
        case ambiguousKey
        case duplicateName
        case reservedName
        case undefinedName
        case alreadyMember
        case noMembers
        case badThreshold
        case noQuorum
        case secondQuorum
        case notAsMeant
    }

    /// From 1; nil for what concerns no single line.
    package let line: Int?
    package let fault: Fault

    package init(line: Int?, fault: Fault) {
        self.line = line
        self.fault = fault
    }
}

extension PolicyError: CustomStringConvertible {
    package var description: String {
        line.map { "line \($0) of the policy: \(fault)" } ?? "the policy: \(fault)"
    }
}

extension PolicyError.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong: "more than \(WitnessPolicy.maximumByteCount) bytes"
        case .noFinalNewline: "no newline at the end"
        case .forbiddenCharacter: "a control character other than tab and newline"
        case .unknownKeyword: "not a log, witness, group or quorum line"
        case .wrongItems: "too few or too many items"
        case .badKey(let error): error.description
        case .wrongKeyType: "a log needs a key of type 1, a witness one of type 4, or either one of type 6"
        case .duplicateKey: "the same public key as on an earlier line"
        case .ambiguousKey: "the same key name and key ID as on an earlier line"
        case .duplicateName: "the name is defined on an earlier line"
        case .reservedName: "the name none is reserved"
        case .undefinedName: "a name that no earlier line defines"
        case .alreadyMember: "a name that is a group's member already"
        case .noMembers: "a group without members"
        case .badThreshold: "the threshold is not all, any or a number from 1 to the number of members"
        case .noQuorum: "no quorum line"
        case .secondQuorum: "a second quorum line"
        case .notAsMeant: "a name or a URL that cannot be written"
        }
    }
}
