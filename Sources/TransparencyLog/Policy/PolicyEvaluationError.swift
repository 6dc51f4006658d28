/// Why a note is no checkpoint that a policy could judge.
package enum PolicyEvaluationError: Error, Hashable, CustomStringConvertible {
    case checkpoint(CheckpointError)
    case note(NoteVerificationError)

    package var description: String {
        switch self {
        case .checkpoint(let error): error.description
        case .note(let error): error.description
        }
    }
}
