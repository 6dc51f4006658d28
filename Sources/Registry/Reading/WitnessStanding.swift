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
    /// Whether that signer's own signature stands under the pending checkpoint: a witness that goes on from a tree which it
    /// has not cosigned would never have checked it.
    package func hasSignedPending(_ signer: SignerState.Signer) -> Bool {
        guard let pending else { return false }
        switch signer {
        case .log: return true
        case .plainWitness: return false
        case .witness(let party):
            let own = history.state.constitution(forTreeSize: pending.head.size).quorum.witnesses
                .filter { $0.party == party }.map(\.name)
            return own.contains(where: pending.cosigned.contains)
        }
    }

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
