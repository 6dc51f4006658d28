package import OpenSSLKit

extension TLogProof {
    /// What becomes of signature lines that the policy does not know. They change a proof's bytes and nothing else.
    package enum UnknownSignatures: Hashable, Sendable {
        /// Ignored, as signed-note demands of who reads notes by strangers: of a log that has other witnesses too.
        case ignored
        /// Refused: for proofs of one's own making, where nobody else has anything to sign.
        case refused
    }

    /// Verifies steps 2 to 4 (tlog-proof, Verifying a tlog proof) for a leaf hash that the caller has computed.
    ///
    /// The times of cosignatures play no part; they are in the answer.
    package func verify(
        leafHash: SHA256Digest,
        policy: WitnessPolicy,
        unknownSignatures: UnknownSignatures
    ) throws(TLogProofVerificationError) -> WitnessPolicy.Evaluation {
        let evaluation: WitnessPolicy.Evaluation
        do { evaluation = try policy.evaluate(note: note) } catch { throw .evaluation(error) }
        if unknownSignatures == .refused, let unknown = evaluation.unknownSignatures.first {
            throw .unknownSignature(unknown.name)
        }
        guard !evaluation.logs.isEmpty else { throw .notSignedByLog }
        guard evaluation.quorumMet else { throw .quorumNotMet }
        let inclusion = InclusionProof(index: index, size: checkpoint.size, hashes: hashes)
        do { try inclusion.verify(leafHash: leafHash, root: checkpoint.root) } catch { throw .inclusion(error) }
        return evaluation
    }
}
