/// Why a well-formed proof does not hold.
package enum TLogProofVerificationError: Error, Hashable, CustomStringConvertible {
    case evaluation(PolicyEvaluationError)
    /// No log of the policy has the checkpoint's origin as its name and signed it.
    case notSignedByLog
    case quorumNotMet
    case unknownSignature(KeyName)
    case inclusion(MerkleProofError)

    package var description: String {
        switch self {
        case .evaluation(let error): error.description
        case .notSignedByLog: "the checkpoint is not signed by a log of the policy"
        case .quorumNotMet: "the checkpoint is not cosigned by the policy's quorum"
        case .unknownSignature(let name):
            "the checkpoint has a signature by a key that the policy does not know: \(name)"
        case .inclusion(let error): error.description
        }
    }
}
