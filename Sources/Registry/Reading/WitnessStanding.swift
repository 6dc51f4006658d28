package import Agreements
internal import TiledLog
internal import TransparencyLog

/// How far a witness has followed the ledger.
package struct WitnessStanding: Hashable, Sendable {
    /// As the policy names it.
    package let name: String
    package let party: PartyID
    /// When it cosigned the published checkpoint, in POSIX seconds; nil when it has not.
    package let publishedTime: Int64?
    /// The same for the pending one.
    package let pendingTime: Int64?
}

extension OpenedLedger {
    /// Of every witness of the policy, in its order.
    package func witnessStandings() throws -> [WitnessStanding] {
        let published = try published.map { _ in
            try CheckpointFault.evaluate(
                Files.read(
                    registry.fullPath(RegistryFolder.checkpointName), maximumBytes: SignedNote.maximumByteCount),
                policy: policy
            ).cosignatureTimes
        }
        let pending = try pending.map {
            // What is pending may change the policy that it is judged by.
            try CheckpointFault.evaluate($0.note.bytes, policy: history.policy(forTreeSize: $0.head.size))
                .cosignatureTimes
        }
        return constitution.quorum.witnesses.map { witness in
            let name = ByteString(witness.name)
            return WitnessStanding(
                name: witness.name, party: witness.party, publishedTime: published?[name], pendingTime: pending?[name])
        }
    }
}
