/// Why a Merkle proof does not hold, or cannot be made.
package enum MerkleProofError: Error, Hashable, CustomStringConvertible {
    /// A size below zero or beyond 2^63 - 1, or an old size beyond the new one.
    case sizeOutOfRange
    /// The index is not in the tree.
    case indexOutOfRange
    /// Every tree is consistent with the empty one, so nothing can be proved from it.
    case oldTreeEmpty
    /// Too few or too many hashes for these sizes.
    case wrongLength
    /// The hashes lead to another root than the tree's.
    case rootMismatch
    /// The hashes lead to another root than the old tree's.
    case oldRootMismatch

    package var description: String {
        switch self {
        case .sizeOutOfRange: "the tree size is out of range"
        case .indexOutOfRange: "the index is not in the tree"
        case .oldTreeEmpty: "a consistency proof from an empty tree proves nothing"
        case .wrongLength: "the proof has a wrong number of hashes"
        case .rootMismatch: "the proof does not lead to the tree's root"
        case .oldRootMismatch: "the proof does not lead to the old tree's root"
        }
    }
}
