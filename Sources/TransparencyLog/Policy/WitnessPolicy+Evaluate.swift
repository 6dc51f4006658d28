extension WitnessPolicy {
    /// Verifies all that is known under a checkpoint, and says who signed it.
    ///
    /// That a log or a witness did not sign is part of the answer. An error is what makes the note worthless whatever
    /// else is under it: no checkpoint, or a known key's signature that does not verify.
    package func evaluate(note: SignedNote) throws(PolicyEvaluationError) -> Evaluation {
        let checkpoint: Checkpoint
        do { checkpoint = try Checkpoint(parsing: note.text) } catch { throw .checkpoint(error) }
        let verification: SignedNote.Verification
        do {
            verification = try note.verifyKnown(logs.map(\.key) + witnesses.map(\.key))
        } catch { throw .note(error) }
        let signed = Dictionary(uniqueKeysWithValues: verification.verified.map { ($0.key, $0) })
        var times: [ByteString: Int64] = [:]
        for witness in witnesses { times[witness.name] = signed[witness.key]?.time }
        return Evaluation(
            policy: self,
            checkpoint: checkpoint,
            // tlog-policy, Defining a log: a log's key speaks for the origin that is its name, and no other.
            logs: logs.filter { signed[$0.key] != nil && $0.key.name.value == checkpoint.origin },
            cosignatureTimes: times,
            unknownSignatures: verification.unknown
        )
    }

    /// Who signed a checkpoint. Everything in it has been verified.
    package struct Evaluation: Hashable, Sendable {
        package let policy: WitnessPolicy
        package let checkpoint: Checkpoint
        /// The log's lines whose keys signed it: none, or one, or several while a log changes keys.
        package let logs: [Log]
        /// When each witness cosigned it, in seconds since 1970, by the witness's name in the policy. Who did not is
        /// not in it.
        package let cosignatureTimes: [ByteString: Int64]
        /// Lines by keys that the policy does not know, or whose type is not supported.
        package let unknownSignatures: [NoteSignature]

        /// Signed by one of the logs, and by the quorum (tlog-policy, What is a policy).
        package var isAccepted: Bool { !logs.isEmpty && quorumMet }

        package var quorumMet: Bool { policy.isSatisfied(by: Set(cosignatureTimes.keys)) }

        /// The smallest time t such that the witnesses which cosigned at t or before satisfy the quorum. Nil when it
        /// is not met, and when the quorum is `none`, which every time satisfies.
        package var quorumTime: Int64? {
            guard policy.quorum != nil else { return nil }
            return Set(cosignatureTimes.values).sorted().first { time in
                policy.isSatisfied(by: Set(cosignatureTimes.filter { $0.value <= time }.keys))
            }
        }

        /// The earliest time at which any witness of the policy cosigned.
        package var earliestCosignatureTime: Int64? { cosignatureTimes.values.min() }

        /// The earliest time at which a witness that can contribute to the quorum cosigned.
        package var earliestQuorumCosignatureTime: Int64? {
            policy.quorumWitnesses.compactMap { cosignatureTimes[$0.name] }.min()
        }

        package var need: Need { policy.need(after: Set(cosignatureTimes.keys)) }

        /// The witnesses that did not cosign, in the policy's order.
        package var missingWitnesses: [Witness] {
            policy.witnesses.filter { cosignatureTimes[$0.name] == nil }
        }
    }
}
